import { concurrently } from "../../common/concurrently.ts";
import { eventIdsOf, Failure } from "../../model/failure.ts";
import type { UserAssignment } from "../../model/link.ts";
import { dropGroup, holdByGroup, isInScope } from "../assignments/assignment.ts";
import { isUnauthorized } from "../attempts/provider-failure.ts";
import { makeStoppable, type StoppableCall } from "../attempts/stoppable-call.ts";
import type { GroupDifference } from "../memberships/group-difference.ts";
import type { Context, IntegrationContext } from "../ports/ports.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { accountState, openAccountOf, readUserState } from "../users/user-state.ts";

/** Requests in flight at the provider for one call. */
const width = 8;

export type ProvisionedMembers = {
  /** Members with an active account: these can be pushed. */
  ready: { userId: string; remoteId: string }[];
  /** Members that cannot be pushed as things are: staged, suspended, taken out. */
  waiting: string[];
  /** Members that the same call again may provision: failed without an open account, or the time was over. */
  unfinished: string[];
  /** Of those ready, the ones whose account could not be changed as it should be. */
  outdated: string[];
  /** Those whose account came back, perhaps with memberships in groups that are not theirs. */
  returned: string[];
  eventIds: string[];
};

/**
 * Members first: hold each in scope, then make their account. A member that fails keeps nobody else out; its failure
 * is on record in its own event and status. Who has an open account is pushed all the same: a name that is taken, or a
 * title that is refused, says nothing of what the group grants.
 * @throws Failure that concerns the integration as a whole (credentials, audit, store)
 */
export const provisionMembers = async (
  context: Context,
  groupId: string,
  userIds: string[],
): Promise<ProvisionedMembers> => {
  const { ports, call, integration } = context;
  const result: ProvisionedMembers = {
    ready: [],
    waiting: [],
    unfinished: [],
    outdated: [],
    returned: [],
    eventIds: [],
  };
  const shared = makeStoppable(call);
  await concurrently(userIds, width, async (userId) => {
    if (ports.clock.now() >= shared.call.sendUntil) return void result.unfinished.push(userId);
    try {
      const assign = (now: UserAssignment) => holdByGroup(now, groupId);
      const receipt = await reconcileUser({ ...context, call: shared.call }, userId, { assign });
      result.eventIds.push(...receipt.eventIds);
      if (receipt.remoteId && receipt.state === "pending") result.returned.push(userId);
      if (receipt.remoteId && receipt.active) result.ready.push({ userId, remoteId: receipt.remoteId });
      else if (receipt.state === "pending") result.unfinished.push(userId);
      else result.waiting.push(userId);
    } catch (error) {
      result.eventIds.push(...ownFailure(error, shared));
      const { integrationId } = integration;
      const remoteId = openAccountOf(integration, await readUserState(ports, integrationId, userId));
      if (remoteId) {
        result.ready.push({ userId, remoteId });
        result.outdated.push(userId);
      } else result.unfinished.push(userId);
    }
  });
  result.ready.sort((a, b) => (a.userId < b.userId ? -1 : 1));
  return result;
};

/**
 * Let go of users that are no longer members, and apply the policy to those whom nothing else holds. Who is held all
 * the same, and whose account could not be changed, is let go of: the rest is no matter of this group.
 */
export const releaseMembers = async (
  context: Context,
  groupId: string,
  userIds: string[],
): Promise<Pick<ProvisionedMembers, "eventIds" | "unfinished" | "outdated">> => {
  const { ports, call, integration } = context;
  const result = { eventIds: [] as string[], unfinished: [] as string[], outdated: [] as string[] };
  const shared = makeStoppable(call);
  await concurrently(userIds, width, async (userId) => {
    if (ports.clock.now() >= shared.call.sendUntil) return void result.unfinished.push(userId);
    const { integrationId, policies } = integration;
    const known = await readUserState(ports, integrationId, userId);
    if (known.link.rev === 0) return;
    try {
      const assign = (now: UserAssignment) => dropGroup(now, groupId, policies);
      const receipt = await reconcileUser({ ...context, call: shared.call }, userId, { known, assign });
      result.eventIds.push(...receipt.eventIds);
      if (receipt.state === "pending" && (await isUnfinished(context, userId)))
        result.unfinished.push(userId);
    } catch (error) {
      result.eventIds.push(...ownFailure(error, shared));
      const { assignment } = (await readUserState(ports, integrationId, userId)).link;
      const isLetGo = isInScope(assignment) && !assignment.groups.includes(groupId);
      (isLetGo ? result.outdated : result.unfinished).push(userId);
    }
  });
  return result;
};

/** The account is; that other groups may hold it is not for this group to wait for. */
const isUnfinished = async ({ ports, integration }: IntegrationContext, userId: string): Promise<boolean> => {
  const { link, saved } = await readUserState(ports, integration.integrationId, userId);
  return accountState(integration, ports.profileOf(integration), link, saved) === "pending";
};

/**
 * Let go of who left although the group's own attempt failed: a group that cannot be changed must keep nobody's access
 * open. What goes wrong with one of them is told by their own event; nothing is sent with credentials that were refused.
 * Who is still in the group there is noted before: one who joins again by then is to be held again.
 */
export const releaseDespite = async (
  context: Context,
  groupId: string,
  { gone, leave }: Pick<GroupDifference, "gone" | "leave">,
  failure: Failure,
): Promise<void> => {
  const { ports, integration } = context;
  if (isUnauthorized(failure)) return;
  try {
    const begin = leave.map(({ userId }) => userId);
    await ports.pushedMembers.noteWaiting(integration.integrationId, groupId, { begin });
    await releaseMembers(context, groupId, gone);
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
