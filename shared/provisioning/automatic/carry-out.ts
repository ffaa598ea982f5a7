import { isInScope } from "../assignments/assignment.ts";
import { laterOf } from "../attempts/continue-act.ts";
import { reconcileAsAsked } from "../calls/bind-as-asked.ts";
import { endGroup } from "../calls/end-group.ts";
import { leaveIntegration } from "../calls/leave-integration.ts";
import { provisionSaved } from "../calls/provision-saved.ts";
import { groupsHolding, recordLeaving } from "../calls/record-leaving.ts";
import { unbindGroup } from "../calls/unbind-group.ts";
import { heldAccount } from "../holds/held-account.ts";
import { markUserHeld } from "../holds/mark-held.ts";
import { readGroupState } from "../memberships/group-state.ts";
import type { Context, IntegrationContext } from "../ports/ports.ts";
import { readUserState, type UserState } from "../users/user-state.ts";
import { automaticCall } from "./automatic-call.ts";

/** Until when (Unix ms), and whether to find out if the provider is back. */
export type Within = { until: number; isProbe?: boolean };

/** Whether the guard holds it, or what is left of it, which is marked then; and under which correlation it was done. */
type Done = { isHeld: boolean; correlationId: string };

/**
 * Make an object at the service provider what is wanted of it, as the call for it would, on behalf of who asked for the
 * change. What goes wrong with it is on record at its link.
 * @throws Failure as that call
 */
export const carryOutUser = async (
  { ports, integration }: IntegrationContext,
  userId: string,
  within: Within,
): Promise<Done> => {
  const state = await readUserState(ports, integration.integrationId, userId);
  const call = automaticCall(ports, state.saved?.asked, within);
  const isHeld = await provisionWithinGuard({ ports, call, integration }, state);
  return { isHeld, correlationId: call.actor.correlation.id };
};

/** The same, once the state was read, on behalf of a call to which the guard is what it is to work that comes by itself. */
export const provisionWithinGuard = async (
  context: Context,
  state: Pick<UserState, "saved" | "link">,
): Promise<boolean> => {
  const isLeaver = state.saved?.deleted && state.link.rev > 0;
  const holdId = isLeaver ? undefined : await heldAccount(context, state);
  if (holdId !== undefined) await markUserHeld(context.ports, state.link, holdId);
  return holdId !== undefined || (await provisionAsWanted(context, state));
};

/**
 * The same on behalf of a call, which the guard lets take away what it takes.
 * @returns whether the guard holds it all the same
 */
export const provisionAsWanted = async (
  context: Context,
  { saved, link }: Pick<UserState, "saved" | "link">,
): Promise<boolean> => {
  const { ports, call, integration } = context;
  const userId = link.id;
  if (!saved?.deleted || link.rev === 0) {
    await provisionSaved(context, { saved, link, isOrdered: true });
    return false;
  }
  // A call may have assigned the user after all that is wanted of a leaver was on record.
  if (isInScope(link.assignment)) await recordLeaving({ ports, call }, userId);
  const left = await leaveIntegration(context, userId, await groupsHolding(ports, integration, link));
  return left.state === "held";
};

/** The same of a group, bound or not. */
export const carryOutGroup = async (
  { ports, integration }: IntegrationContext,
  groupId: string,
  within: Within,
): Promise<Done> => {
  const state = await readGroupState(ports, integration.integrationId, groupId);
  const call = automaticCall(ports, laterOf(state.saved?.asked, state.link.assignment.asked), within);
  const isHeld = await actOnGroup({ ports, call, integration }, state);
  return { isHeld, correlationId: call.actor.correlation.id };
};

const actOnGroup = async (
  context: Context,
  { saved, link }: Awaited<ReturnType<typeof readGroupState>>,
): Promise<boolean> => {
  const { ports, call, integration } = context;
  const groupId = link.id;
  if (link.rev === 0) return false;
  if (saved?.deleted) return (await endGroup(context, groupId)).state === "held";
  if (link.assignment.bound) return (await reconcileAsAsked(context, link)).state === "held";
  await unbindGroup(ports, call, { integrationId: integration.integrationId, groupId });
  return false;
};
