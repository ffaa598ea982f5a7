import { concurrently } from "../../common/concurrently.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { type Account, type Candidate, type GroupFacts, possibleMembership } from "./plan-members.ts";

/**
 * The accounts that a plan needs: of those who may have to be taken out, and of the members with an open account
 * (`open`: by user id), where these may be in the group because their account was found.
 */
export const readAccounts = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  candidates: Candidate[],
  open: ReadonlyMap<string, string>,
  group: GroupFacts,
): Promise<Map<string, Account>> => {
  const accounts = new Map<string, Account>();
  for (const [userId, remoteId] of open) accounts.set(userId, { remoteId, isOpen: true });
  const leaving = candidates.filter(
    (candidate) => !candidate.isMember && possibleMembership(group, candidate),
  );
  const read = [...leaving.map(({ userId }) => userId), ...(group.hasOthers ? open.keys() : [])];
  await concurrently(read, 16, async (userId) => {
    const observed = (await ports.userLinks.read({ integrationId, id: userId }))?.observed;
    const remoteId = open.get(userId) ?? observed?.remoteId;
    if (remoteId === undefined) return;
    accounts.set(userId, { remoteId, isOpen: open.has(userId), isFound: observed?.found === remoteId });
  });
  return accounts;
};
