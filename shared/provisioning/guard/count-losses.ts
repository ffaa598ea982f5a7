import { chunksOf } from "../../common/chunks.ts";
import type { GroupLink, PushedMember, UserLink } from "../../model/link.ts";
import { dropGroup, isInScope } from "../assignments/assignment.ts";
import { membershipThere } from "../memberships/group-difference.ts";
import { groupLinkOrNew } from "../memberships/group-state.ts";
import type { UserReads } from "../ports/call-reads.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { endsAccount, type Losses } from "./losses.ts";

/** Users whom a group lets go of. `leavesGroup`: they are taken out of it at the provider, too. */
export type Leaving = { groupId: string; userIds: string[]; leavesGroup: boolean };

/** What the call has read already; `noted` holds what is known of the memberships of all in `users`. */
export type KnownOfLeaving = {
  group?: GroupLink;
  users?: ReadonlyMap<string, Pick<UserReads, "link">>;
  noted?: ReadonlyMap<string, PushedMember>;
};

/** What letting go of these users takes away. Where nobody leaves, nothing is read. */
export const countLosses = async (
  context: IntegrationContext,
  { groupId, userIds, leavesGroup }: Leaving,
  { group, users = new Map(), noted = new Map() }: KnownOfLeaving = {},
): Promise<Losses> => {
  const losses: Losses = { accounts: [], groupOnly: [] };
  if (userIds.length === 0) return losses;
  const { ports, integration } = context;
  const { integrationId } = integration;
  const key = { integrationId, id: groupId };
  const groupLink = group ?? groupLinkOrNew(key, await ports.groupLinks.read(key));
  const count = (userId: string, link: UserLink | undefined, there: PushedMember | undefined) => {
    if (link && losesAccount(context, groupId, link)) losses.accounts.push(userId);
    // A take-over that was refused has noted members of a group that is not this one's.
    else if (leavesGroup && membershipThere(groupLink, there)) losses.groupOnly.push(userId);
  };
  for (const userId of userIds)
    if (users.has(userId)) count(userId, users.get(userId)?.link, noted.get(userId));
  const others = userIds.filter((userId) => !users.has(userId));
  for (const chunk of chunksOf(others, usersAtOnce)) {
    const [read, there] = await Promise.all([
      ports.reads.users(integrationId, chunk),
      leavesGroup ? ports.pushedMembers.among(integrationId, groupId, chunk) : new Map<string, never>(),
    ]);
    for (const userId of chunk) count(userId, read.get(userId)?.link, there.get(userId));
  }
  return losses;
};

const usersAtOnce = 500;

/** An account that nothing else holds. */
const losesAccount = (context: IntegrationContext, groupId: string, link: UserLink): boolean => {
  const { policies } = context.integration;
  const isLast = isInScope(link.assignment) && !isInScope(dropGroup(link.assignment, groupId, policies));
  return isLast && endsAccount(context, link, policies.onUserUnassigned);
};
