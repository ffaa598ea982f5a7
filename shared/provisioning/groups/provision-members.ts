import { chunksOf } from "../../common/chunks.ts";
import { concurrently } from "../../common/concurrently.ts";
import { eventIdsOf, Failure } from "../../model/failure.ts";
import type { PushedMember, UserAssignment } from "../../model/link.ts";
import type { UserReceipt } from "../../model/receipt.ts";
import { dropGroup, holdByGroup, isInScope } from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { isUnauthorized } from "../attempts/provider-failure.ts";
import { makeStoppable, type StoppableCall } from "../attempts/stoppable-call.ts";
import { type GroupRun, newGroupRun } from "../memberships/group-run.ts";
import type { Context, IntegrationContext } from "../ports/ports.ts";
import { planUser } from "../users/plan-user.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { rememberManager } from "../users/user-rounds.ts";
import {
  accountState,
  openAccountOf,
  readUserState,
  type UserState,
  userState,
} from "../users/user-state.ts";

/** Requests in flight at the provider for one call. */
const width = 8;

/** Members to provision. `known`: their states as read just before, which saves reading them. */
export type Joining = { userIds: string[]; known?: ReadonlyMap<string, UserState> | undefined };
export type Provisioned = {
  /** The open accounts of members, which can be pushed, by user id. */
  open: Map<string, string>;
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
  { userIds, known }: Joining,
  run: GroupRun,
): Promise<Provisioned> => {
  const { ports, call, integration } = context;
  const open: [string, string][] = [];
  const returned: string[] = [];
  const shared = makeStoppable(call);
  const begun = { ...context, call: shared.call };
  await concurrently(userIds, width, async (userId) => {
    if (ports.clock.now() >= shared.call.sendUntil) return void run.unfinished.push(userId);
    try {
      const receipt = await provisionMember(begun, groupId, userId, known?.get(userId));
      run.eventIds.push(...receipt.eventIds);
      if (receipt.remoteId && receipt.state === "pending") returned.push(userId);
      if (receipt.remoteId && receipt.active) open.push([userId, receipt.remoteId]);
      else if (receipt.state === "pending") run.unfinished.push(userId);
    } catch (error) {
      run.eventIds.push(...ownFailure(error, shared));
      const state = await readUserState(ports, integration.integrationId, userId);
      const remoteId = openAccountOf(integration, state);
      (remoteId ? run.outdated : run.unfinished).push(userId);
      if (remoteId) open.push([userId, remoteId]);
    }
  });
  return { open: new Map(open.sort(([a], [b]) => (a < b ? -1 : 1))), returned };
};

/** Hold one member, and make the account what it should be, unless it is known to be that. */
const provisionMember = async (
  context: Context,
  groupId: string,
  userId: string,
  known: UserState | undefined,
): Promise<Pick<UserReceipt, "remoteId" | "active" | "state" | "eventIds">> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  const assign = (now: UserAssignment) => holdByGroup(now, groupId);
  const state = known ?? (await readUserState(ports, integrationId, userId));
  if (!(await isCurrent(context, groupId, state)))
    return reconcileUser(context, userId, { known: state, assign });
  const link = await updateUserAssignment(ports, { integrationId, id: userId }, assign, state.link);
  // A link that others have written to meanwhile is no longer what was looked at.
  if (link.rev > state.link.rev + 1) return reconcileUser(context, userId);
  const remoteId = openAccountOf(integration, { ...state, link });
  return { state: "in_sync", eventIds: [], ...(remoteId && { remoteId, active: true }) };
};

/** The states of these users, unless the account of one of them has to be made or changed before it is pushed. */
export const readCurrent = async (
  context: IntegrationContext,
  groupId: string,
  userIds: string[],
): Promise<Map<string, UserState> | undefined> => {
  const { ports, integration } = context;
  const states = new Map<string, UserState>();
  for (const chunk of chunksOf(userIds, width)) {
    const areCurrent = await concurrently(chunk, width, async (userId) => {
      const state = await readUserState(ports, integration.integrationId, userId);
      states.set(userId, state);
      return isCurrent(context, groupId, state);
    });
    if (areCurrent.includes(false)) return undefined;
  }
  return states;
};

/** Whether nothing is to be sent for the account of a user whom the group holds. */
const isCurrent = async (
  context: IntegrationContext,
  groupId: string,
  { saved, link: { assignment, ...rest } }: UserState,
): Promise<boolean> => {
  const { ports, integration } = context;
  const profile = ports.profileOf(integration);
  const link = { ...rest, assignment: holdByGroup(assignment, groupId) };
  if (userState(integration, profile, link, saved) !== "in_sync") return false;
  const managerRemoteId = await rememberManager(context)(saved);
  const manager = managerRemoteId === undefined ? {} : { managerRemoteId };
  return planUser({ saved, link, integration, profile, ...manager }).kind === "nothing";
};

/**
 * Let go of users that are no longer members, and apply the policy to those whom nothing else holds. A user who is held
 * by something else, or whose account could not be changed, is let go of as well: the rest is no matter of this group.
 */
export const releaseMembers = async (
  context: Context,
  groupId: string,
  userIds: string[],
  run: GroupRun,
): Promise<void> => {
  const { ports, call, integration } = context;
  const { integrationId, policies } = integration;
  const shared = makeStoppable(call);
  await concurrently(userIds, width, async (userId) => {
    if (ports.clock.now() >= shared.call.sendUntil) return void run.unfinished.push(userId);
    const known = await readUserState(ports, integrationId, userId);
    if (known.link.rev === 0) return;
    try {
      const assign = (now: UserAssignment) => dropGroup(now, groupId, policies);
      const receipt = await reconcileUser({ ...context, call: shared.call }, userId, { known, assign });
      run.eventIds.push(...receipt.eventIds);
      if (receipt.state === "pending" && (await isUnfinished(context, userId))) run.unfinished.push(userId);
    } catch (error) {
      run.eventIds.push(...ownFailure(error, shared));
      const { assignment } = (await readUserState(ports, integrationId, userId)).link;
      const isLetGo = isInScope(assignment) && !assignment.groups.includes(groupId);
      (isLetGo ? run.outdated : run.unfinished).push(userId);
    }
  });
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
  { gone, leave }: { gone: string[]; leave: PushedMember[] },
  failure: Failure,
): Promise<void> => {
  const { ports, integration } = context;
  if (isUnauthorized(failure)) return;
  try {
    const begin = leave.map(({ userId }) => userId);
    await ports.pushedMembers.noteWaiting(integration.integrationId, groupId, { begin });
    await releaseMembers(context, groupId, gone, newGroupRun());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
};

const concernsAll = [
  "integration-not-active",
  "integration-needs-reauth",
  "audit-unavailable",
  "store-unavailable",
  "credentials-required",
];

/** The event of a failure that concerns this user alone; what concerns the whole integration ends the call and goes up. */
const ownFailure = (error: unknown, shared: StoppableCall): string[] => {
  if (error instanceof Failure && !concernsAll.includes(error.code) && !isUnauthorized(error))
    return eventIdsOf(error);
  shared.end();
  throw error;
};
