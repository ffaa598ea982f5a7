import { concurrently } from "../../common/concurrently.ts";
import type { Intent } from "../../model/attempt.ts";
import type { GroupLink, PushedMember } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";
import { pushedVersion } from "./group-difference.ts";

/**
 * Nobody knows whether the group has these. They count as pushed and wait, so that the next call adds, or removes,
 * each of them, whatever the directory says by then. That they wait is noted last, since being pushed ends it.
 */
export const noteUncertain = async (
  ports: Ports,
  integrationId: string,
  groupId: string,
  members: PushedMember[],
): Promise<void> => {
  const noted = (state: PushedMember["state"]) =>
    members.map((member): PushedMember => ({ ...member, state, isDoubtful: true }));
  await ports.pushedMembers.save(integrationId, groupId, noted("pushed"));
  await ports.pushedMembers.save(integrationId, groupId, noted("pending"));
};

/**
 * An attempt was cut off, and nobody tells what became of it: whoever it may have sent is in doubt. These are members
 * that changed since the group was last pushed, and those who waited; an intent knows but their number.
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
  const waiting = await ports.pushedMembers.pending(integrationId, groupId);
  const userIds = [...new Set([...changed, ...waiting])];
  const noted = await ports.pushedMembers.among(integrationId, groupId, userIds);
  const { add, remove } = intendedChange(intent) ?? { add: 1, remove: 1 };
  const trace = { since: intent.startedAt, by: intent.actor.initiatedBy.id, eventId: intent.attemptId };
  const doubtful = await concurrently(userIds, 16, async (userId): Promise<PushedMember[]> => {
    const before = noted.get(userId);
    // What became of these the attempt has noted itself.
    if (before?.eventId === intent.attemptId && !before.isDoubtful) return [];
    const remoteId = (await ports.userLinks.read({ integrationId, id: userId }))?.observed.remoteId;
    if (remoteId === undefined) return [];
    const wasThere = before?.state === "pushed" && before.remoteId === remoteId;
    if (wasThere) return remove > 0 || before.isDoubtful ? [before] : [];
    return add > 0 ? [{ userId, remoteId, state: "pushed", isUntold: true, ...trace }] : [];
  });
  await noteUncertain(ports, integrationId, groupId, doubtful.flat());
};

/** How many members an attempt meant to send. */
export const intendedChange = ({ changes }: Intent): { add: number; remove: number } | undefined =>
  changes.find(({ field }) => field === "members")?.to as { add: number; remove: number } | undefined;
