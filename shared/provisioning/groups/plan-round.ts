import { concurrently } from "../../common/concurrently.ts";
import type { PushedMember } from "../../model/link.ts";
import { groupFacts } from "../memberships/group-capabilities.ts";
import { membershipThere } from "../memberships/group-difference.ts";
import { movedTo } from "../memberships/moved-members.ts";
import { type Account, type Candidate, type MemberPlan, planMembers } from "../memberships/plan-members.ts";
import { withPresence } from "../memberships/uncertain-members.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import type { GroupRound } from "./finish-group.ts";

/** The plan with these open accounts of members, by user id; what it needs no request for is noted. */
export const planRound = async (
  context: IntegrationContext,
  round: GroupRound,
  open: ReadonlyMap<string, string>,
): Promise<MemberPlan> => {
  const { pushedMembers } = context.ports;
  const { integrationId, id: groupId } = round.link;
  const candidates = await readAgain(context, round, open);
  const accounts = await readAccounts(context, round, open);
  const plan = planMembers(candidates, accounts, groupFacts(context, round.link));
  const dropped = plan.drop.map((member) => ({ ...withPresence(member, "out"), isUnsent: true as const }));
  await pushedMembers.save(integrationId, groupId, dropped);
  await pushedMembers.noteWaiting(integrationId, groupId, { end: plan.keep });
  return plan;
};

/** This very call may have noted that the account of a member came back, and that it may be in the group. */
const readAgain = async (
  { ports }: IntegrationContext,
  { link, difference: { candidates } }: GroupRound,
  open: ReadonlyMap<string, string>,
): Promise<Candidate[]> => {
  const userIds = candidates
    .filter(({ userId, there }) => there && open.has(userId))
    .map(({ userId }) => userId);
  if (userIds.length === 0) return candidates;
  const now = await ports.pushedMembers.among(link.integrationId, link.id, userIds);
  return candidates.map((candidate) => {
    const known: PushedMember | undefined = now.get(candidate.userId);
    return known ? { ...candidate, there: membershipThere(link, known) } : candidate;
  });
};

/**
 * Besides the open accounts, those of users who may have to be taken out; and which open ones were found, where it
 * matters.
 */
const readAccounts = async (
  { ports, integration: { integrationId } }: IntegrationContext,
  { link, difference: { candidates } }: GroupRound,
  open: ReadonlyMap<string, string>,
): Promise<Map<string, Account>> => {
  const accounts = new Map<string, Account>();
  for (const [userId, remoteId] of open) accounts.set(userId, { remoteId, isOpen: true });
  const leaving = new Map(
    candidates.flatMap(({ userId, isMember, there }) =>
      !isMember && there ? [[userId, there.remoteId]] : [],
    ),
  );
  const read = [...leaving.keys(), ...(link.observed.hasOthers ? open.keys() : [])];
  await concurrently(read, 16, async (userId) => {
    const user = await ports.userLinks.read({ integrationId, id: userId });
    const there = leaving.get(userId);
    // The id that is noted as in the group may be newer than the link.
    const isNewer = there !== undefined && user?.attempt?.remoteId === there;
    const remoteId = open.get(userId) ?? (isNewer ? there : user?.observed.remoteId);
    if (remoteId === undefined) return;
    const isMoved = user && there !== undefined && movedTo(user, there) === remoteId;
    const isFound = user?.observed.found === remoteId;
    accounts.set(userId, { remoteId, isOpen: open.has(userId), isFound, ...(isMoved && { isMoved }) });
  });
  return accounts;
};
