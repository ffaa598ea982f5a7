import { isInScope } from "../assignments/assignment.ts";
import { laterOf } from "../attempts/continue-act.ts";
import { endGroup } from "../calls/end-group.ts";
import { leaveIntegration } from "../calls/leave-integration.ts";
import { provisionSaved } from "../calls/provision-saved.ts";
import { groupsHolding, recordLeaving } from "../calls/record-leaving.ts";
import { unbindGroup } from "../calls/unbind-group.ts";
import { reconcileGroup } from "../groups/reconcile-group.ts";
import { heldAccount } from "../holds/held-account.ts";
import { markUserHeld } from "../holds/mark-held.ts";
import { readGroupState } from "../memberships/group-state.ts";
import type { Context, IntegrationContext } from "../ports/ports.ts";
import { readUserState } from "../users/user-state.ts";
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
  const isHeld = await actOnUser({ ports, call, integration }, state);
  return { isHeld, correlationId: call.actor.correlation.id };
};

const actOnUser = async (
  context: Context,
  { saved, link }: Awaited<ReturnType<typeof readUserState>>,
): Promise<boolean> => {
  const { ports, call, integration } = context;
  const userId = link.id;
  if (saved?.deleted && link.rev > 0) {
    // A call may have assigned the user after all that is wanted of a leaver was on record.
    if (isInScope(link.assignment)) await recordLeaving({ ports, call }, userId);
    const left = await leaveIntegration(context, userId, await groupsHolding(ports, integration, link));
    return left.state === "held";
  }
  const holdId = await heldAccount(context, { saved, link });
  if (holdId !== undefined) await markUserHeld(ports, link, holdId);
  else await provisionSaved(context, { saved, link, isOrdered: true });
  return holdId !== undefined;
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
  if (link.assignment.bound) return (await reconcileGroup(context, groupId)).state === "held";
  await unbindGroup(ports, call, { integrationId: integration.integrationId, groupId });
  return false;
};
