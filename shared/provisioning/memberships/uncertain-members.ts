import { concurrently } from "../../common/concurrently.ts";
import { omit } from "../../common/objects.ts";
import type { Intent } from "../../model/attempt.ts";
import type { GroupLink, PushedMember } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";
import { pushedVersion } from "./group-difference.ts";

/** Nobody knows whether the group has these: the next call adds, or removes, each, whatever the directory says by then. */
export const noteUncertain = (
  ports: Ports,
  integrationId: string,
  groupId: string,
  members: PushedMember[],
): Promise<void> => {
  const uncertain = members.map((member) => withPresence(member, "unknown"));
  return ports.pushedMembers.save(integrationId, groupId, uncertain);
};

/** What a membership tells of the attempt that it was noted by. */
export const traceOf = ({
  startedAt,
  actor,
  attemptId,
}: Pick<Intent, "startedAt" | "actor" | "attemptId">) => ({
  since: startedAt,
  by: actor.initiatedBy.id,
  eventId: attemptId,
});

/** The membership with another presence, and without what was known of the one before. */
export const withPresence = (member: PushedMember, presence: PushedMember["presence"]): PushedMember => ({
  ...(member.presence === presence
    ? member
    : omit(member, "foundThere", "isUnsent", "isUntold", "shutOutAt", "mayLeave", "addedAt")),
  presence,
});

/**
 * An attempt was cut off, and nobody tells what became of it, so each member that it may have sent is uncertain. These
 * are the members that changed since the group was last pushed, and those that waited: an intent knows only how many.
 */
export const noteSentUncertain = async (
  ports: Ports,
  { integrationId, id: groupId, observed }: GroupLink,
  intent: Intent,
): Promise<void> => {
  const saved = await ports.groups.read(groupId);
  if (!saved) return;
  const changed = await ports.groups.changedBetween(
    groupId,
    pushedVersion(ports, observed) ?? 0,
    saved.version,
  );
  const waiting = await ports.pushedMembers.waiting(integrationId, groupId);
  const userIds = [...new Set([...changed, ...waiting])];
  const noted = await ports.pushedMembers.among(integrationId, groupId, userIds);
  const { add, remove } = intendedChange(intent) ?? { add: 1, remove: 1 };
  const uncertain = await concurrently(userIds, 16, async (userId): Promise<PushedMember[]> => {
    const before = noted.get(userId);
    // The attempt itself has noted what became of these.
    if (before?.eventId === intent.attemptId && before.presence !== "unknown") return [];
    const remoteId = (await ports.userLinks.read({ integrationId, id: userId }))?.observed.remoteId;
    if (remoteId === undefined) return [];
    const mayBeThere = before && before.presence !== "out" && before.remoteId === remoteId;
    if (mayBeThere) return remove > 0 || before.presence === "unknown" ? [before] : [];
    return add > 0 ? [{ userId, remoteId, presence: "unknown", isUntold: true, ...traceOf(intent) }] : [];
  });
  await noteUncertain(ports, integrationId, groupId, uncertain.flat());
};

/** How many members an attempt meant to add and to remove. */
export const intendedChange = ({ changes }: Intent): { add: number; remove: number } | undefined =>
  changes.find(({ field }) => field === "members")?.to as { add: number; remove: number } | undefined;
