import type { PushedMember } from "../../model/link.ts";

/** One user who is, or may be, a member, or has left. */
export type Candidate = {
  userId: string;
  /** The directory says that the user is a member. */
  isMember: boolean;
  isWaiting: boolean;
  /** What is known of the membership at the provider. */
  membership?: PushedMember | undefined;
};
/** The user's account at the provider, as far as it is known. */
export type Account = {
  remoteId: string;
  /** It is known to be open, and is to be. */
  isOpen?: boolean;
  /** It was found there rather than made. */
  isFound?: boolean;
};
export type GroupFacts = {
  /** The group is known at the provider. */
  isThere: boolean;
  /** It had members unknown to the directory when it was taken over. */
  hasOthers: boolean;
  /** A read of it shows who is in it. */
  showsMembers: boolean;
};
/** `isUntold`: no event tells that the member was added. */
export type JoiningMember = { userId: string; remoteId: string; isUntold?: true };
export type MemberPlan = {
  /** To be added. */
  join: JoiningMember[];
  /** May be in the group, and some providers hold a member twice who is added again: to be added unless it shows them. */
  verify: JoiningMember[];
  /** To be taken out. */
  leave: PushedMember[];
  /** No longer members whose account is gone, or is another one: they are noted as out, and nothing is sent. */
  drop: PushedMember[];
  /** Members without an open account: these are never sent. */
  wait: string[];
  /** Members who are in the group already, and need no longer wait. */
  keep: string[];
};

/** What to do about each candidate. `accounts` by user id, at least of those who can be in the group or are to be added. */
export const planMembers = (
  candidates: Candidate[],
  accounts: ReadonlyMap<string, Account>,
  group: GroupFacts,
): MemberPlan => {
  const plan: MemberPlan = { join: [], verify: [], leave: [], drop: [], wait: [], keep: [] };
  for (const candidate of candidates) {
    const { userId, isMember } = candidate;
    const there = possibleMembership(group, candidate);
    const account = accounts.get(userId);
    if (!isMember) {
      // The provider dropped a deleted account from its groups, and some refuse to hear of it again.
      if (there) (account?.remoteId === there.remoteId ? plan.leave : plan.drop).push(there);
    } else if (!account?.isOpen) plan.wait.push(userId);
    else planJoining(plan, { userId, remoteId: account.remoteId }, there, isUncertain(group, account));
  }
  return plan;
};

const planJoining = (
  plan: MemberPlan,
  member: JoiningMember,
  there: PushedMember | undefined,
  { mayBeOther, isReadable }: { mayBeOther: boolean; isReadable: boolean },
): void => {
  const same = there?.remoteId === member.remoteId ? there : undefined;
  if (same?.presence === "in") plan.keep.push(member.userId);
  else if (!isReadable || !(same || mayBeOther)) plan.join.push(member);
  else plan.verify.push({ ...member, ...(same?.isUntold && { isUntold: true }) });
};

/** An account that was found may be one of those members of the group who are unknown to the directory. */
const isUncertain = ({ hasOthers, showsMembers }: GroupFacts, { isFound = false }: Account) => ({
  mayBeOther: hasOthers && isFound,
  isReadable: showsMembers,
});

/**
 * The membership, where the account is or may be in the group. Without a group at the provider nobody is in it, whatever
 * a take-over that was cut off has noted; but who was sent to a group that may be there is still unknown.
 */
export const possibleMembership = (
  { isThere }: Pick<GroupFacts, "isThere">,
  { membership }: Pick<Candidate, "membership">,
): PushedMember | undefined => {
  if (membership?.presence === "unknown") return membership;
  return isThere && membership?.presence === "in" ? membership : undefined;
};

/** A member who is in the group and does not wait: nothing is to be done. One who waits may have another account by now. */
export const isSettled = (group: Pick<GroupFacts, "isThere">, candidate: Candidate): boolean =>
  candidate.isMember && !candidate.isWaiting && possibleMembership(group, candidate)?.presence === "in";
