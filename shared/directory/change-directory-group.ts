import type { SavedGroup } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
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

const patienceMs = 3_000;

type Changing = { ports: RecordingPorts & Pick<Ports, "groupLinks" | "pushedMembers">; call: Call };

/** Told by a change that ends the group. */
type EndOfGroup = { type?: "group_delete" };

/**
 * Change a directory group by one conditional step. `compute` makes the true difference from the group as it is; it
 * is called again where another change came first. Undefined means that nothing is to change. `known` is what was
 * read just before, perhaps no group: it saves the first read.
 * @throws Failure `attempt-in-progress` once others have kept the group busy for 3 s
 */
export const changeDirectoryGroup = async (
  { ports, call }: Changing,
  groupId: string,
  compute: (base: SavedGroup | undefined) => Promise<(GroupChange & EndOfGroup) | undefined>,
  known?: { saved: SavedGroup | undefined },
): Promise<SavedGroup | undefined> => {
  const giveUpAt = Math.min(ports.clock.now() + patienceMs, call.sendUntil);
  for (let tries = 1; ; tries += 1) {
    const base = tries === 1 && known ? known.saved : await ports.groups.read(groupId);
    const computed = await compute(base);
    if (!computed) return base;
    const { type, ...change } = computed;
    if (base) await recordDirectoryEvent(ports, base);
    if (base) await noteLeavers(ports, groupId, change.remove);
    const trace = traceOfChange(ports, base, { ...aboutGroup(base, change, call), ...(type && { type }) });
    try {
      const saved = await ports.groups.change(groupId, base, { ...change, ...trace, until: call.sendUntil });
      await recordAtOnce(ports, saved);
      return saved;
    } catch (error) {
      const isBusy = error instanceof Failure && error.code === "attempt-in-progress";
      if (!isBusy || ports.clock.now() >= giveUpAt) throw error;
      await ports.clock.sleep(25 * tries);
    }
  }
};

const aboutGroup = (
  base: SavedGroup | undefined,
  { name }: GroupChange,
  { actor }: Call,
): DirectoryChange => {
  const renamed = base?.name === name ? [] : [{ field: "name", ...(base && { from: base.name }), to: name }];
  return { type: base ? "group_update" : "group_create", actor, changes: renamed };
};

/** Take a user who is deleted from the directory out of these of its groups: nothing of theirs is to come back. */
export const leaveGroups = async (
  { ports, call }: Changing,
  userId: string,
  groupIds: Iterable<string>,
): Promise<void> => {
  for (const groupId of groupIds)
    await changeDirectoryGroup({ ports, call }, groupId, async (base) => {
      if (!base || !(await ports.groups.membersAmong(groupId, base.version, [userId])).has(userId))
        return undefined;
      return { name: base.name, add: [], remove: [userId] };
    });
};

/** @throws Failure `unknown-members` */
export const requireKnown = async (ports: Ports, userIds: string[]): Promise<void> => {
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
