import { ifLate } from "../../common/within-time.ts";
import { eventIdsOf, Failure, type FailureCode } from "../../model/failure.ts";
import type { AttemptHistory, Link } from "../../model/link.ts";
import type { GroupReceipt, State, UserReceipt } from "../../model/receipt.ts";
import { toldOf } from "../attempts/provider-failure.ts";
import { reconcileGroup } from "../groups/reconcile-group.ts";
import { groupState, readGroupState } from "../memberships/group-state.ts";
import type { Context, IntegrationContext, Ports } from "../ports/ports.ts";
import { outOfTime } from "../users/reconcile-user.ts";
import { readUserState, userState } from "../users/user-state.ts";

const passing: ReadonlySet<FailureCode> = new Set([
  "provider-unavailable",
  "attempt-in-progress",
  "integration-needs-reauth",
  "integration-not-active",
]);

/**
 * Whether a call that ends with it, once what was asked for is on record, has failed for a reason that passes: then the work
 * goes on by itself, and the caller is told how it stands.
 */
export const goesOnByItself = (error: unknown): error is Failure =>
  error instanceof Failure && passing.has(error.code);

/** How the user stands, after a failure for which the work goes on by itself. */
export const savedUserReceipt = async (
  { ports, integration }: IntegrationContext,
  userId: string,
  failure: Failure,
): Promise<UserReceipt> => {
  const { integrationId } = integration;
  const { link, saved } = await readUserState(ports, integrationId, userId);
  const { pushed, remoteId } = link.observed;
  const state = userState(integration, ports.profileOf(integration), link, saved);
  return {
    integrationId,
    userId,
    action: "unchanged",
    state,
    ...(remoteId && { remoteId }),
    ...(typeof pushed?.active === "boolean" && { active: pushed.active }),
    ...standing(ports, { link, state }, failure),
  };
};

/** Provision a group whose change is on record. @throws Failure as `reconcileGroup`, but for what passes by itself */
export const provisionSavedGroup = (
  context: Context,
  groupId: string,
  start: Parameters<typeof reconcileGroup>[2] = {},
): Promise<GroupReceipt> => {
  const { integrationId } = context.integration;
  const late: GroupReceipt = {
    ...{ integrationId, groupId, action: "unchanged", state: "pending", eventIds: [] },
    reason: outOfTime,
  };
  ifLate(late);
  return reconcileGroup(context, groupId, start).catch((error: unknown) => {
    if (!goesOnByItself(error)) throw error;
    return savedGroupReceipt(context, groupId, error);
  });
};

/** A group whose change takes longer than the call, and goes on by itself. @throws `error` itself where it is another one */
export const savingReceipt = (
  { clock }: Pick<Ports, "clock">,
  { integrationId, groupId }: { integrationId: string; groupId: string },
  error: unknown,
): GroupReceipt => {
  if (!(error instanceof Failure) || !error.extras.saving) throw error;
  const { saving, retryAfterSeconds = 0 } = error.extras;
  return {
    integrationId,
    groupId,
    action: "unchanged",
    state: "pending",
    eventIds: [],
    ...(saving.correlationId !== undefined && { correlationId: saving.correlationId }),
    reason: error.detail,
    nextAttemptAt: new Date(clock.now() + retryAfterSeconds * 1000).toISOString(),
  };
};

/** How the group stands, after such a failure. */
export const savedGroupReceipt = async (
  { ports, integration }: IntegrationContext,
  groupId: string,
  failure: Failure,
): Promise<GroupReceipt> => {
  const { integrationId } = integration;
  const { link, saved } = await readGroupState(ports, integrationId, groupId);
  const { remoteId } = link.observed;
  const state = groupState(integration, link, saved);
  return {
    integrationId,
    groupId,
    action: "unchanged",
    state,
    ...(remoteId && { remoteId }),
    ...standing(ports, { link, state }, failure),
  };
};

const standing = (
  { clock }: Pick<Ports, "clock">,
  { link, state }: { link: Link<unknown, AttemptHistory>; state: State },
  failure: Failure,
) => {
  const { code, detail, extras } = failure;
  const { correlationId, retryAfterSeconds } = extras;
  const told = { eventIds: eventIdsOf(failure), ...(correlationId !== undefined && { correlationId }) };
  // Others may have done it meanwhile.
  if (state !== "pending" && state !== "retrying") return told;
  const asked = retryAfterSeconds === undefined ? undefined : clock.now() + retryAfterSeconds * 1000;
  const at = state === "retrying" ? (link.work?.at ?? asked) : asked;
  return {
    ...told,
    reason: detail,
    ...(code === "provider-unavailable" && { lastError: toldOf(failure) }),
    ...(at !== undefined && { nextAttemptAt: new Date(at).toISOString() }),
  };
};
