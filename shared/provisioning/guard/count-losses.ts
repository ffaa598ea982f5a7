import { concurrently } from "../../common/concurrently.ts";
import { isShutForSure } from "../../model/account-facts.ts";
import type { UserLink } from "../../model/link.ts";
import { dropGroup, isInScope } from "../assignments/assignment.ts";
import { membershipThere } from "../memberships/group-difference.ts";
import { groupLinkOrNew } from "../memberships/group-state.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { type Losses, mostFreeAlways } from "./free-losses.ts";

/** Users whom a group lets go of. `leavesGroup`: they are taken out of it at the provider, too. */
export type Leaving = { groupId: string; userIds: string[]; leavesGroup: boolean };

/** What letting go of these users takes away. Counts nothing where so few leave that it is free in any case. */
export const countLosses = async (
  { ports, integration }: IntegrationContext,
  { groupId, userIds, leavesGroup }: Leaving,
): Promise<Losses> => {
  const losses: Losses = { accounts: 0, groupOnly: 0 };
  if (userIds.length <= mostFreeAlways) return losses;
  const { integrationId } = integration;
  const key = { integrationId, id: groupId };
  const group = groupLinkOrNew(key, await ports.groupLinks.read(key));
  const noted = leavesGroup
    ? await ports.pushedMembers.among(integrationId, groupId, userIds)
    : new Map<string, never>();
  await concurrently(userIds, 16, async (userId) => {
    const link = await ports.userLinks.read({ integrationId, id: userId });
    if (link && losesAccount({ ports, integration }, groupId, link)) losses.accounts += 1;
    // A take-over that was refused has noted members of a group that is not this one's.
    else if (membershipThere(group, noted.get(userId))) losses.groupOnly += 1;
  });
  return losses;
};

/** An account that may be open, which nothing else holds. */
const losesAccount = (
  { integration: { policies } }: IntegrationContext,
  groupId: string,
  { assignment, observed }: UserLink,
): boolean => {
  const isOpen = observed.remoteId !== undefined && !isShutForSure(observed);
  const isKept = policies.onUserUnassigned === "none" || !isInScope(assignment);
  return isOpen && !isKept && !isInScope(dropGroup(assignment, groupId, policies));
};
