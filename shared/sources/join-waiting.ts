import { concurrently } from "../common/concurrently.ts";
import { omit } from "../common/objects.ts";
import { changeDirectoryGroup } from "../directory/change-directory-group.ts";
import type { RecordingPorts } from "../directory/record-change.ts";
import { Failure } from "../model/failure.ts";
import type { Owner } from "../model/owner.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";

export type JoiningPorts = RecordingPorts &
  Pick<Ports, "groups" | "users" | "groupLinks" | "pushedMembers" | "waiting">;
type Asking = { ports: JoiningPorts; call: Call };

const atOnce = 16;

/**
 * A user has become the source's: the groups of the source that have waited for them take them in. Safe to repeat.
 * @throws Failure of `joinGroup`
 */
export const joinWaiting = async (asking: Asking, sourceId: string, userId: string): Promise<void> => {
  for (const groupId of await asking.ports.waiting.groupsOf(sourceId, userId))
    await joinGroup(asking, sourceId, groupId, [userId]);
};

/**
 * The same for all users of the source, whenever they came: each group takes in all for whom it has waited by one change. A change
 * of others is waited for, for as long as the call has time. Safe to repeat; costs what waits.
 * @returns whether nobody is left who could join: else the same again goes on
 */
export const joinAllWaiting = async (asking: Asking, sourceId: string): Promise<boolean> => {
  const { ports, call } = asking;
  const waiting = new Map<string, string[]>();
  for await (const page of ports.waiting.all(sourceId))
    for (const { userId, groupId } of page) waiting.set(groupId, [...(waiting.get(groupId) ?? []), userId]);
  for (const [groupId, userIds] of waiting) {
    do if (ports.clock.now() >= call.sendUntil) return false;
    while (!(await hasJoined(asking, sourceId, groupId, userIds)));
  }
  return true;
};

/** False where others keep the group busy, or what was begun goes on by itself. */
const hasJoined = async (...joining: Parameters<typeof joinGroup>): Promise<boolean> => {
  try {
    await joinGroup(...joining);
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === "attempt-in-progress") return false;
    throw error;
  }
};

/**
 * Of these users those whom the source has, and for whom the group waits, join it, by one change, which ends the waiting, too.
 * Safe to repeat.
 * @throws Failure of `changeDirectoryGroup`
 */
export const joinGroup = async (
  asking: Asking,
  sourceId: string,
  groupId: string,
  userIds: readonly string[],
): Promise<void> => {
  const { ports } = asking;
  const found = await ports.users.readMany([...userIds]);
  const isTheirs = (owner: Owner | undefined) => owner?.sourceId === sourceId && !owner.left;
  const there = userIds.filter((userId) => isTheirs(found.get(userId)?.source));
  if (there.length === 0) return;
  await changeDirectoryGroup(asking, groupId, async (base) => {
    const { source, name } = base ?? {};
    if (!base || base.deleted || !name || source?.sourceId !== sourceId) return undefined;
    const waiting = new Set(source.waiting);
    const joining = there.filter((userId) => waiting.has(userId));
    if (joining.length === 0) return undefined;
    const members = await ports.groups.membersAmong(groupId, base.version, joining);
    const add = joining.filter((userId) => !members.has(userId));
    return { name, add, remove: [], source: withoutWaiting(source, new Set(joining)) };
  });
  await concurrently(there, atOnce, (userId) => ports.waiting.forget(sourceId, userId, groupId));
};

const withoutWaiting = (source: Owner, joining: ReadonlySet<string>): Owner => {
  const waiting = (source.waiting ?? []).filter((id) => !joining.has(id));
  return { ...omit(source, "waiting"), ...(waiting.length > 0 && { waiting }) };
};
