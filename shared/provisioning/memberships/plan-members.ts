import type { PushedMember } from "../../model/link.ts";
import { unansweredAddition } from "./unanswered-addition.ts";

/** One user who is, or may be, a member, or has left. */
export type Candidate = {
  userId: string;
  /** The directory says that the user is a member. */
  isMember: boolean;
  isWaiting: boolean;
  /** The membership at the provider, where an account of the user is, or may be, in the group. */
  there?: PushedMember | undefined;
};
/**
 * An account that the user has. `isOpen`: known to be active, as it is to be. `isFound`: found there rather than made.
 * `isMoved`: the one that is in the group has this id now.
 */
export type Account = { remoteId: string; isOpen?: boolean; isFound?: boolean; isMoved?: boolean };
/**
 * `hasOthers`: it had members unknown to the directory when it was taken over. `showsMembers`: a read shows who is in
 * it.
 */
export type GroupFacts = { hasOthers: boolean; showsMembers: boolean };
/** `isUntold`: no event tells that the member was added. `shutOutAt`, `lateAt`: see `PushedMember`. */
export type JoiningMember = {
  userId: string;
  remoteId: string;
  isUntold?: true;
  shutOutAt?: string;
  lateAt?: string;
};
export type MemberPlan = {
  /** To be added. */
  join: JoiningMember[];
  /** May be in the group, and some providers hold a member twice who is added again: to be added unless it shows them. */
  verify: JoiningMember[];
  /** To be taken out. */
  leave: PushedMember[];
  /** No members, whose account is gone or is another one: they are out, and nothing is sent. */
  drop: PushedMember[];
  /** Members without an open account: these are never sent. */
  wait: string[];
  /** Members who are in the group already, and need no longer wait. */
  keep: string[];
};

/**
 * What to do about each candidate. `accounts`, by user id: of those who are no members and may be there, and all open
 * ones.
 */
export const planMembers = (
  candidates: Candidate[],
  accounts: ReadonlyMap<string, Account>,
  group: GroupFacts,
): MemberPlan => {
  const plan: MemberPlan = { join: [], verify: [], leave: [], drop: [], wait: [], keep: [] };
  for (const { userId, isMember, there } of candidates) {
    const account = accounts.get(userId);
    const same = there && there.remoteId === account?.remoteId ? there : undefined;
    // The provider dropped a deleted account from its groups, and some providers refuse to hear of it again.
    if (!isMember && there && account?.isMoved)
      plan.leave.push({ ...there, remoteId: account.remoteId, presence: "unknown" });
    else if (!isMember && there) plan[same ? "leave" : "drop"].push(there);
    if (isMember && !account?.isOpen) plan.wait.push(userId);
    if (isMember && account?.isOpen) planMember(plan, group, { userId, ...account }, same);
  }
  return plan;
};

const planMember = (
  plan: MemberPlan,
  { hasOthers, showsMembers }: GroupFacts,
  { userId, remoteId, isFound }: Account & { userId: string },
  there: PushedMember | undefined,
): void => {
  if (there?.presence === "in") return void plan.keep.push(userId);
  // An account that was found may be one of those members of the group who are unknown to the directory.
  const mayBeThere = there !== undefined || (hasOthers && isFound);
  const isShownForSure = showsMembers && !there?.mayLeave;
  const lateAt = there && unansweredAddition(there);
  const member: JoiningMember = {
    userId,
    remoteId,
    ...(there?.isUntold && { isUntold: true }),
    ...(there?.shutOutAt && { shutOutAt: there.shutOutAt }),
    ...(lateAt && { lateAt }),
  };
  (isShownForSure && mayBeThere ? plan.verify : plan.join).push(member);
};

/** A member who is in the group and does not wait: nothing is to be done. One who waits may have another account by now. */
export const isSettled = ({ isMember, isWaiting, there }: Candidate): boolean =>
  isMember && !isWaiting && there?.presence === "in";
