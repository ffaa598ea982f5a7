import { laterOf } from "../attempts/continue-act.ts";
import { endGroup } from "../calls/end-group.ts";
import { leaveIntegration } from "../calls/leave-integration.ts";
import { provisionSaved } from "../calls/provision-saved.ts";
import { groupsHolding } from "../calls/record-leaving.ts";
import { unbindGroup } from "../calls/unbind-group.ts";
import { reconcileGroup } from "../groups/reconcile-group.ts";
import { readGroupState } from "../memberships/group-state.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { readUserState } from "../users/user-state.ts";
import { automaticCall } from "./automatic-call.ts";

/** Until when (Unix ms), and whether to find out if the provider is back. */
export type Within = { until: number; isProbe?: boolean };

/**
 * Make an object at the service provider what is wanted of it, as the call for it would, on behalf of who asked for the
 * change. What goes wrong with it is on record at its link.
 * @throws Failure as that call
 */
export const carryOutUser = async (
  { ports, integration }: IntegrationContext,
  userId: string,
  within: Within,
): Promise<void> => {
  const { saved, link } = await readUserState(ports, integration.integrationId, userId);
  const call = automaticCall(ports, saved?.asked, within);
  const context = { ports, call, integration };
  if (saved?.deleted && link.rev > 0) {
    await leaveIntegration(context, userId, await groupsHolding(ports, integration, link));
    return;
  }
  await provisionSaved(context, { saved, link, isOrdered: true });
};

/** The same of a group, bound or not. */
export const carryOutGroup = async (
  { ports, integration }: IntegrationContext,
  groupId: string,
  within: Within,
): Promise<void> => {
  const { integrationId } = integration;
  const { saved, link } = await readGroupState(ports, integrationId, groupId);
  const call = automaticCall(ports, laterOf(saved?.asked, link.assignment.asked), within);
  const context = { ports, call, integration };
  if (saved?.deleted && link.rev > 0) await endGroup(context, groupId);
  else if (link.assignment.bound) await reconcileGroup(context, groupId);
  else if (link.rev > 0) await unbindGroup(ports, call, { integrationId, groupId });
};
