import { eventIdsOf, Failure } from "../../model/failure.ts";
import type { PushedMember, UserAssignment } from "../../model/link.ts";
import {
  beginsShutOut,
  desiredOf,
  dropGroup,
  holdByGroup,
  holdMember,
  isInScope,
} from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { isUnauthorized } from "../attempts/provider-failure.ts";
import { heldAccount } from "../holds/held-account.ts";
import { markUserHeld } from "../holds/mark-held.ts";
import { type GroupRun, isRefused, newGroupRun } from "../memberships/group-run.ts";
import type { Call, Context, IntegrationContext } from "../ports/ports.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { accountState, openAccountOf, readUserState, type UserState } from "../users/user-state.ts";
import { workOfUser } from "../users/work-of-user.ts";
import { eachUser } from "./each-user.ts";
import { holdCurrent, type Joining } from "./hold-members.ts";
import { isMemberNow, noteStillThere } from "./joined-meanwhile.ts";
import { keepsForGrace } from "./keep-for-grace.ts";

type Provisioned = {
  /** The open accounts of members, which can be pushed, by user id. */
  open: Map<string, string>;
  /** The closed accounts of members who are to be shut out, and are. */
  closed: Map<string, string>;
  /** Members whose account came back, perhaps with memberships in groups that are not theirs. */
  returned: string[];
};

/**
 * Members first: hold each in scope, then make their account. A member that fails keeps nobody else out; its failure
 * is on record in its own event and status. A member with an open account is pushed although the last change of it
 * failed: a name that is taken, or a title that is refused, says nothing of what the group grants.
 * @throws Failure that concerns the integration as a whole (credentials, audit, store)
 */
export const provisionMembers = async (
  context: Context,
  groupId: string,
  joining: Joining,
  run: GroupRun,
): Promise<Provisioned> => {
  const { ports, integration } = context;
  const held = await holdCurrent(context, groupId, joining);
  const open = [...held];
  const closed = new Map<string, string>();
  const returned: string[] = [];
  const others = joining.userIds.filter((userId) => !held.has(userId));
  await eachUser(context, others, run, {
    isToStop: true,
    async work(call, userId) {
      const state = await readUserState(ports, integration.integrationId, userId);
      const assign = holding(groupId, state, run.letGo?.has(userId) ?? true);
      if (waitsForItself(context, state)) {
        await updateUserAssignment(ports, state.link, assign, state.link);
        return void run.unfinished.push(userId);
      }
      if (isLeaverUnrecorded(state)) {
        const link = await updateUserAssignment(ports, state.link, assign, state.link);
        await ports.userLinks.schedule(link, link.rev, workOfUser(context, { saved: state.saved, link }));
        return void run.unfinished.push(userId);
      }
      if (await isHeldBack({ ...context, call }, state, assign)) return;
      const receipt = await reconcileUser({ ...context, call }, userId, { known: state, assign });
      run.eventIds.push(...receipt.eventIds);
      run.failures.delete(userId);
      if (receipt.remoteId && receipt.state === "pending") returned.push(userId);
      if (receipt.remoteId && !receipt.active && receipt.state === "in_sync")
        closed.set(userId, receipt.remoteId);
      if (receipt.remoteId && receipt.active) open.push([userId, receipt.remoteId]);
      else if (receipt.state === "pending") run.unfinished.push(userId);
    },
    isDoneDespite(state) {
      const remoteId = openAccountOf(integration, state);
      if (remoteId) open.push([state.link.id, remoteId]);
      return remoteId !== undefined;
    },
  });
  return { open: new Map(open.sort(([a], [b]) => (a < b ? -1 : 1))), closed, returned };
};

/** The group holds the user, who was in the directory by then or not. `isLetGo`: the guard lets the account of one be closed by it. */
const holding = (groupId: string, { saved, link }: UserState, isLetGo: boolean) => {
  const hold = saved && !saved.deleted ? holdMember : holdByGroup;
  return (now: UserAssignment): UserAssignment => {
    const held = hold(now, groupId);
    const isClosed = isLetGo && saved && link.observed.remoteId !== undefined;
    return isClosed && beginsShutOut(now, held, saved) ? { ...held, closedAs: saved.version } : held;
  };
};

/**
 * Whether the account has failed and is tried again at a time of its own: a group that is carried out by itself leaves it
 * to that, and gets the member once the account is there.
 */
const waitsForItself = ({ ports, call }: Context, { saved, link }: UserState): boolean => {
  const { work, observed } = link;
  if (!call.isAutomatic || !work || work.at <= ports.clock.now()) return false;
  return (work.state === "failed" || work.state === "retrying") && observed.version === saved?.version;
};

/**
 * Whether a member has left the directory without the link knowing of it, since the group took them in meanwhile: what becomes of
 * the account, and of the membership, is for their own work, which is due then.
 */
const isLeaverUnrecorded = ({ saved, link: { assignment } }: UserState): boolean =>
  saved?.deleted === true && !assignment.excluded;

/**
 * Whether the guard keeps the account of a member who is to be shut out: no call for a group lets go what it holds. The
 * member is marked then, and stays in the group until somebody decides.
 */
const isHeldBack = async (
  context: Context,
  { saved, link }: UserState,
  assign: (now: UserAssignment) => UserAssignment,
): Promise<boolean> => {
  const assignment = assign(link.assignment);
  if (link.rev === 0 || desiredOf(assignment, saved) === "active") return false;
  const holdId = await heldAccount(context, { saved, link: { ...link, assignment } });
  if (holdId === undefined) return false;
  // What is approved is carried out by what holds the user then.
  await updateUserAssignment(context.ports, link, assign);
  await markUserHeld(context.ports, link, holdId);
  return true;
};

const isKeptByGuard = async (
  context: Context,
  { saved, link }: Pick<UserState, "saved" | "link">,
): Promise<boolean> => {
  const holdId = await heldAccount(context, { saved, link });
  if (holdId !== undefined) await markUserHeld(context.ports, link, holdId);
  return holdId !== undefined;
};

/**
 * Let go of users that are no longer members, and apply the policy to those whom nothing else holds. A user who is held
 * by something else, or was taken out by a call, or left, and whose account could not be changed, is let go of as well: the
 * rest is no matter of this group.
 * @returns who of them may be in the group still
 */
export const releaseMembers = async (
  context: Context,
  groupId: string,
  userIds: string[],
  run: GroupRun,
): Promise<ReadonlySet<string>> => {
  const { ports, integration } = context;
  const { integrationId, policies } = integration;
  const isLetGo = ({ link: { assignment } }: Pick<UserState, "link">) =>
    (isInScope(assignment) || assignment.excluded) && !assignment.groups.includes(groupId);
  const isAllowed = (userId: string) => run.letGo?.has(userId) ?? true;
  const isKeptOpen = async (call: Call, state: UserState, isDropped: boolean) =>
    !run.isEnding && (await keepsForGrace({ ...context, call }, state, isDropped));
  await eachUser(context, userIds, run, {
    async work(call, userId) {
      const known = await readUserState(ports, integrationId, userId);
      if (known.link.rev === 0 || (await isMemberNow(context, groupId, userId))) return;
      const key = { integrationId, id: userId };
      const drop = (now: UserAssignment) => dropGroup(now, groupId, policies, isAllowed(userId));
      const link = await updateUserAssignment(ports, key, drop, known.link);
      // A call that found the user held until now has written nothing to the link: nothing is sent before this is known.
      if (await isMemberNow(context, groupId, userId)) {
        await updateUserAssignment(ports, key, (now) => holdByGroup(now, groupId));
        return void run.held.add(userId);
      }
      if (isRefused(run, userId)) {
        // The refusal says when the account is tried again, not that the assignment has changed.
        const work = workOfUser({ ports, integration }, { saved: known.saved, link });
        await ports.userLinks.schedule(link, link.rev, work);
        return void (isLetGo({ link }) ? run.outdated : run.unfinished).push(userId);
      }
      const isDropped = known.link.assignment.groups.includes(groupId);
      if (await isKeptOpen(call, { ...known, link }, isDropped)) return;
      // What else held them may have let them go since the guard was asked, and one who is held still may be to be shut out.
      const isAsked = !isAllowed(userId) || isInScope(link.assignment);
      if (isAsked && (await isKeptByGuard({ ...context, call }, { ...known, link }))) return;
      // Where others wrote in between, they may have saved the user, too.
      const isOrdered = known.isOrdered && link.rev <= known.link.rev + 1;
      const receipt = await reconcileUser({ ...context, call }, userId, {
        known: { ...known, link, isOrdered },
      });
      run.eventIds.push(...receipt.eventIds);
      if (receipt.state === "pending" && (await isUnfinished(context, userId))) run.unfinished.push(userId);
    },
    isDoneDespite: isLetGo,
  });
  return noteStillThere(context, groupId, userIds);
};

/** The account is; that other groups may hold it is not for this group to wait for. */
const isUnfinished = async ({ ports, integration }: IntegrationContext, userId: string): Promise<boolean> => {
  const { link, saved } = await readUserState(ports, integration.integrationId, userId);
  return accountState(integration, ports.profileOf(integration), link, saved) === "pending";
};

/**
 * Let go of those who left although the group's own attempt failed: a group that cannot be changed must keep nobody's
 * access open. What goes wrong with one of them is told by their own event; nothing is sent with credentials that were
 * refused. Those of `leave` are still in the group, and wait: one who joins again is then held again.
 */
export const releaseDespite = async (
  context: Context,
  groupId: string,
  { gone, leave, failure }: { gone: string[]; leave: PushedMember[]; failure: Failure },
  { eventIds, failures, letGo }: GroupRun,
): Promise<void> => {
  const { ports, integration } = context;
  if (isUnauthorized(failure)) return;
  const released = { ...newGroupRun(), failures, letGo };
  try {
    const begin = leave.map(({ userId }) => userId);
    await ports.pushedMembers.noteWaiting(integration.integrationId, groupId, { begin });
    await releaseMembers(context, groupId, gone, released);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    released.eventIds.push(...eventIdsOf(error));
  }
  eventIds.push(...released.eventIds);
};
