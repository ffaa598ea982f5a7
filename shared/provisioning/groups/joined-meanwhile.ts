import { readGroupState } from "../memberships/group-state.ts";
import type { IntegrationContext } from "../ports/ports.ts";

/**
 * The directory may have made the user a member since the call planned, and another call holds them for it: a member is
 * saved before they are held, so this is read after the user's link.
 */
export const isMemberNow = async (
  { ports, integration }: IntegrationContext,
  groupId: string,
  userId: string,
): Promise<boolean> => {
  const { saved, link } = await readGroupState(ports, integration.integrationId, groupId);
  if (!saved || !link.assignment.bound) return false;
  return (await ports.groups.membersAmong(groupId, saved.version, [userId])).has(userId);
};

/**
 * Who of these may be in the group still. Another call may have added one of them since this one planned. They wait, so that
 * one who joins again is held again, and is not taken for a member of whom nothing is left to do.
 */
export const noteStillThere = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  groupId: string,
  userIds: string[],
): Promise<ReadonlySet<string>> => {
  if (userIds.length === 0) return new Set();
  const noted = await ports.pushedMembers.among(integrationId, groupId, userIds);
  const begin = userIds.filter((userId) => (noted.get(userId)?.presence ?? "out") !== "out");
  if (begin.length === 0) return new Set();
  // Of a group that is bound no longer, everybody is looked at anew.
  const link = await ports.groupLinks.read({ integrationId, id: groupId });
  if (link?.assignment.bound) await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin });
  return new Set(begin);
};
