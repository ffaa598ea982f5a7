import type { PushedMember } from "../../model/link.ts";
import { groupFacts } from "../memberships/group-capabilities.ts";
import { type MemberPlan, planMembers } from "../memberships/plan-members.ts";
import { readAccounts } from "../memberships/read-accounts.ts";
import { withPresence } from "../memberships/uncertain-members.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import type { GroupRound } from "./finish-group.ts";

/** The plan with these open accounts; what it needs no request for is noted. */
export const planRound = async (
  context: IntegrationContext,
  { link, difference }: GroupRound,
  open: ReadonlyMap<string, string>,
): Promise<MemberPlan> => {
  const { ports } = context;
  const { integrationId, id: groupId } = link;
  const facts = groupFacts(context, link);
  const accounts = await readAccounts(context, difference.candidates, open, facts);
  // This very call may have noted that the account of a member came back, and that it may be in the group.
  const known = difference.candidates.filter(
    ({ userId, membership }) =>
      open.has(userId) && membership && (membership.presence !== "out" || membership.isUnsent),
  );
  const userIds = known.map(({ userId }) => userId);
  const now =
    userIds.length === 0
      ? new Map<string, PushedMember>()
      : await ports.pushedMembers.among(integrationId, groupId, userIds);
  const candidates = difference.candidates.map((candidate) => ({
    ...candidate,
    membership: now.get(candidate.userId) ?? candidate.membership,
  }));
  const plan = planMembers(candidates, accounts, facts);
  const dropped = plan.drop.map((member) => ({ ...withPresence(member, "out"), isUnsent: true as const }));
  await ports.pushedMembers.save(integrationId, groupId, dropped);
  await ports.pushedMembers.noteWaiting(integrationId, groupId, { end: plan.keep });
  return plan;
};
