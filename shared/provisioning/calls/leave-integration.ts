import { eventIdsOf, Failure } from "../../model/failure.ts";
import { statusOf } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import {
  type GroupReceipt,
  type IntegrationReceipt,
  isRemovalDone,
  type UserReceipt,
} from "../../model/receipt.ts";
import { holdByGroup, isNeverHeld, isUnmanaged, unmanaged } from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { isSendable } from "../attempts/is-sendable.ts";
import { stateAfter } from "../attempts/next-try.ts";
import { isUnauthorized, toldOf } from "../attempts/provider-failure.ts";
import { reconcileGroup } from "../groups/reconcile-group.ts";
import { heldAccount } from "../holds/held-account.ts";
import { markUserHeld } from "../holds/mark-held.ts";
import type { Context } from "../ports/ports.ts";
import { isGone } from "../users/is-gone.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { readUserState, type UserState, userState } from "../users/user-state.ts";
import { workOfUser } from "../users/work-of-user.ts";

export const inProgress = "another call is at it; the same call again continues";

export const keptByGuard =
  "the guard keeps what would go beyond the limit of this hour, until somebody approves the hold";

const broughtBack = "a later call has brought the user back, and their access stays";

/**
 * What the leaver call does in one integration, once all that is wanted is on record: the account goes, and then the
 * groups let go of the user.
 * @throws Failure that is not of the provider's: `audit-unavailable`, `store-unavailable`
 */
export const leaveIntegration = async (
  context: Context,
  userId: string,
  groups: string[],
): Promise<IntegrationReceipt> => {
  const { integration, call } = context;
  const { integrationId } = integration;
  if (!isSendable(integration, { call, endsAccess: true })) return untouched(context, userId);
  // The account first: access ends even where a group cannot be changed. And the groups even where the account cannot.
  const known = await readUserState(context.ports, integrationId, userId);
  if (isUnmanaged(known.link) || isBeingImported(known.link)) return leftUnmanaged(context, known);
  const holdId = await heldAccount(context, known);
  if (holdId !== undefined) {
    await markUserHeld(context.ports, { integrationId, id: userId }, holdId);
    return { integrationId, action: "unchanged", state: "held", reason: keptByGuard, holdId, eventIds: [] };
  }
  const account = await partOf(reconcileUser(context, userId, { known }));
  const parts = [account];
  const { isUnauthorized, refused } = account;
  for (const groupId of isUnauthorized ? [] : groups)
    parts.push(await leaveRemoteGroup(context, groupId, { forUser: userId, refused }));
  const open =
    parts.find(({ state }) => state === "failed") ??
    parts.find(({ state }) => state === "retrying") ??
    parts.find(({ state }) => !isRemovalDone(state));
  const { state, reason } = open ?? account;
  const eventIds = parts.flatMap((part) => part.eventIds);
  const saved = open && (await context.ports.users.read(userId));
  if (saved && !saved.deleted)
    return { integrationId, action: "skipped", state, reason: broughtBack, eventIds };
  return { integrationId, action: account.action, state, ...(reason && { reason }), eventIds };
};

/**
 * An account that was imported, or is being imported, and that nobody holds, is none of the service's to close. That it is open is
 * marked, so that people are told; should others write meanwhile, the dispatch of the change marks it. An import that has yet to
 * name the account finds the link moved, reads that the user has left, and marks it itself.
 */
const leftUnmanaged = async (
  { ports, integration }: Context,
  user: Pick<UserState, "saved" | "link">,
): Promise<IntegrationReceipt> => {
  await ports.userLinks.schedule(user.link, user.link.rev, workOfUser({ ports, integration }, user));
  const { integrationId } = integration;
  return { integrationId, action: "skipped", state: "unmanaged", reason: unmanaged, eventIds: [] };
};

/**
 * An import has begun to link an account to the user, and names it with its next write. No other link is there that has nobody who
 * holds the user, no attempt, and no account that was.
 */
const isBeingImported = ({ rev, assignment, observed }: UserLink): boolean =>
  rev > 0 &&
  isNeverHeld(assignment) &&
  observed.attempts === 0 &&
  observed.remoteId === undefined &&
  observed.former === undefined;

/** Nothing is sent while the integration is not active: how the user stands there. */
export const untouched = async (context: Context, userId: string): Promise<IntegrationReceipt> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  const nothing = { integrationId, action: "unchanged" as const, eventIds: [] };
  const { link, saved } = await readUserState(ports, integrationId, userId);
  if (isUnmanaged(link) || isBeingImported(link)) return leftUnmanaged(context, { link, saved });
  if (isGone({ ports, integration }, link, saved))
    return { ...nothing, state: userState(integration, ports.profileOf(integration), link, saved) };
  return {
    ...nothing,
    state: "pending",
    reason: `the integration is ${statusOf(integration)}; the user is taken away once it is active`,
  };
};

/**
 * The group at the provider lets go of the user. It may wait for others, who are not this call's; but where it may hold
 * the user still, that stays on record, so that the same call again goes on, and the user stays readable until then.
 */
const leaveRemoteGroup = async (
  context: Context,
  groupId: string,
  start: { forUser: string; refused: Failure | undefined },
): Promise<Part> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  const userId = start.forUser;
  const part = await partOf(reconcileGroup(context, groupId, start));
  const there = (await ports.pushedMembers.among(integrationId, groupId, [userId])).get(userId);
  const { link } = await readUserState(ports, integrationId, userId);
  const isThere = there !== undefined && there.presence !== "out";
  if (!isThere && !link.assignment.groups.includes(groupId)) return { ...part, state: "deprovisioned" };
  await updateUserAssignment(ports, link, (now) => (now.excluded ? holdByGroup(now, groupId) : now), link);
  const isTried = part.state === "failed" || part.state === "retrying";
  return { ...part, state: isTried ? part.state : "pending" };
};

/**
 * What the account, or one group, came to. `isUnauthorized`: the credentials were refused, and nothing more is to be sent.
 * `refused`: the change was.
 */
export type Part = Pick<IntegrationReceipt, "action" | "state" | "reason" | "holdId" | "eventIds"> & {
  isUnauthorized?: boolean;
  refused?: Failure;
};

/** @throws Failure that is not of the provider's: `audit-unavailable`, `store-unavailable` */
export const partOf = async (
  work: Promise<UserReceipt | GroupReceipt | IntegrationReceipt>,
): Promise<Part> => {
  try {
    const { action, state, reason, holdId, eventIds } = await work;
    return { action, state, ...(reason && { reason }), ...(holdId && { holdId }), eventIds };
  } catch (error) {
    if (
      !(error instanceof Failure) ||
      error.code === "audit-unavailable" ||
      error.code === "store-unavailable"
    )
      throw error;
    const eventIds = eventIdsOf(error);
    // Its holder goes on with what is wanted by now.
    if (error.code === "attempt-in-progress")
      return { action: "unchanged", state: "pending", reason: inProgress, eventIds };
    return {
      action: "unchanged",
      state: stateAfter(toldOf(error)),
      reason: error.detail,
      eventIds,
      isUnauthorized: isUnauthorized(error),
      ...(error.code === "provider-rejected" && { refused: error }),
    };
  }
};
