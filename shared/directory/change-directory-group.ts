import type { SavedGroup } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import { ownerAfter } from "../model/owner.ts";
import type { Changed } from "../model/work.ts";
import type { GroupChange } from "../provisioning/ports/directory-store.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { noteLeavers } from "./note-members.ts";
import {
  type DirectoryChange,
  type RecordingPorts,
  recordAtOnce,
  recordDirectoryEvent,
  traceOfChange,
} from "./record-change.ts";
import { ownerChanges } from "./user-changes.ts";

const patienceMs = 3_000;
/** To keep what is left of a change, and how far it has come, at a store that takes a second for a request. */
const planMs = 2_000;
/** The event of so many takes a while of its own: should the call end before, it is found by the mark of the change. */
const many = 1_000;

/** `carriedOut`: where, and until when, the call itself sees to what follows from the change. */
type Changing = {
  ports: RecordingPorts & Pick<Ports, "groupLinks" | "pushedMembers">;
  call: Call;
  carriedOut?: Changed["carriedOut"] | undefined;
};

/**
 * Change a directory group by one conditional step. `compute` makes the true difference from the group as it is; it
 * is called again where another change came first. Undefined means that nothing is to change. `known` is what was
 * read just before, perhaps no group: it saves the first read.
 * @throws Failure `attempt-in-progress` once others have kept the group busy for 3 s
 */
export const changeDirectoryGroup = async (
  { ports, call, carriedOut }: Changing,
  groupId: string,
  compute: (base: SavedGroup | undefined) => Promise<GroupChange | undefined>,
  known?: { saved: SavedGroup | undefined },
): Promise<SavedGroup | undefined> => {
  const giveUpAt = Math.min(ports.clock.now() + patienceMs, call.sendUntil);
  for (let tries = 1; ; tries += 1) {
    const base = tries === 1 && known ? known.saved : await ports.groups.read(groupId);
    const change = await compute(base);
    if (!change) return base;
    if (base) await recordDirectoryEvent(ports, base);
    if (base) await noteLeavers(ports, groupId, change.remove);
    const trace = traceOfChange(ports, base, {
      ...aboutGroup(base, change, call),
      ...howLong(base, change, call),
      ...(carriedOut && { carriedOut }),
      isUrgent: isEnding(change),
    });
    try {
      const saved = await ports.groups.change(groupId, base, {
        ...change,
        ...trace,
        until: call.sendUntil - planMs,
      });
      await recordAtOnce(ports, saved);
      return saved;
    } catch (error) {
      const isBusy = error instanceof Failure && error.code === "attempt-in-progress";
      if (!isBusy || ports.clock.now() >= giveUpAt) throw error;
      await ports.clock.sleep(25 * tries);
    }
  }
};

/** Nothing holds a group that is new: all that may be left of it is its event, which the call puts itself. */
const howLong = (
  base: SavedGroup | undefined,
  { add }: GroupChange,
  { answerUntil }: Call,
): Pick<DirectoryChange, "isLong" | "carriedOut"> =>
  add.length > many ? { isLong: true, ...(!base && { carriedOut: { until: answerUntil } }) } : {};

const isEnding = ({ remove, ends }: GroupChange): boolean => ends === true || remove.length > 0;

const aboutGroup = (
  base: SavedGroup | undefined,
  { name, ends, source }: GroupChange,
  { actor }: Call,
): DirectoryChange => {
  if (ends) return { type: "group_delete", actor, changes: [] };
  const renamed = base?.name === name ? [] : [{ field: "name", ...(base && { from: base.name }), to: name }];
  const owned = ownerChanges(base?.source, ownerAfter(base?.source, source));
  const type = base && !base.deleted ? "group_update" : "group_create";
  return { type, actor, changes: [...renamed, ...owned] };
};
/** From then on the group has no members, however many it had. Undefined where there is no such group. */
export const endDirectoryGroup = (asking: Changing, groupId: string): Promise<SavedGroup | undefined> =>
  changeDirectoryGroup(asking, groupId, async (base) =>
    base && !base.deleted ? { name: base.name, add: [], remove: [], ends: true } : undefined,
  );

/**
 * Take a user who is deleted from the directory out of these of its groups: nothing of theirs is to come back. One who was
 * brought back by a later call stays. `onMember` is called before the user leaves a group, perhaps more than once.
 */
export const leaveGroups = async (
  { ports, call, carriedOut }: Changing & { ports: Pick<Ports, "users"> },
  userId: string,
  groupIds: Iterable<string>,
  onMember: () => Promise<void> = async () => undefined,
): Promise<void> => {
  for (const groupId of groupIds)
    await changeDirectoryGroup({ ports, call, carriedOut }, groupId, async (base) => {
      if (!base || !(await ports.groups.membersAmong(groupId, base.version, [userId])).has(userId))
        return undefined;
      if (!(await isDeleted(ports, userId))) return undefined;
      await onMember();
      return { name: base.name, add: [], remove: [userId] };
    });
};

export const isDeleted = async ({ users }: Pick<Ports, "users">, userId: string): Promise<boolean> =>
  (await users.read(userId))?.deleted !== false;

/** @throws Failure `unknown-members` */
export const requireKnown = async (ports: Pick<Ports, "users">, userIds: string[]): Promise<void> => {
  if (userIds.length === 0) return;
  const known = await ports.users.readMany(userIds);
  refuseUnknown(userIds, (userId) => known.has(userId));
};

/** @throws Failure `unknown-members` where some are not known */
export const refuseUnknown = (userIds: string[], isKnown: (userId: string) => boolean): void => {
  const unknown = userIds.filter((userId) => !isKnown(userId));
  if (unknown.length === 0) return;
  throw new Failure(
    "unknown-members",
    `The directory does not know ${unknown.slice(0, 20).join(", ")}${unknown.length > 20 ? " …" : ""} (${unknown.length}). Save these users first; nothing was sent.`,
    { facts: { unknown: unknown.slice(0, 100), count: unknown.length } },
  );
};

/** @throws Failure `groups-disabled` */
export const requireGroups = (ports: Ports, integration: Integration): void => {
  if (integration.groupsEnabled) return;
  const { title, groups } = ports.profileOf(integration);
  const why = groups === "none" ? `${title} takes users alone.` : "Enable groupsEnabled first.";
  throw new Failure(
    "groups-disabled",
    `Integration ${integration.integrationId} does not manage groups. ${why}`,
  );
};
