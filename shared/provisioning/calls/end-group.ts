import { askedBy } from "../../model/asked.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { type Integration, statusOf } from "../../model/integration.ts";
import type { GroupLink } from "../../model/link.ts";
import type { IntegrationReceipt } from "../../model/receipt.ts";
import { updateGroupAssignment } from "../assignments/update-assignment.ts";
import { continueAct, laterOf } from "../attempts/continue-act.ts";
import { isSendable } from "../attempts/is-sendable.ts";
import { deleteRemoteGroup } from "../groups/delete-remote-group.ts";
import { reconcileGroup } from "../groups/reconcile-group.ts";
import { countLosses } from "../guard/count-losses.ts";
import { isConfirmedFor } from "../guard/open-leavers.ts";
import { admitRemovals } from "../holds/admit-removals.ts";
import { markGroupHeld } from "../holds/mark-held.ts";
import { isMembersOnly } from "../memberships/group-capabilities.ts";
import { groupState, isLetGo, readGroupState } from "../memberships/group-state.ts";
import type { Context } from "../ports/ports.ts";
import { keptByGuard, type Part, partOf } from "./leave-integration.ts";
import { heldMembers, noteEnd, unbindGroup } from "./unbind-group.ts";

/** Whether the group itself stays as it is there, with its members in it. */
export const staysAsItIs = ({ groupsEnabled, policies }: Integration): boolean =>
  !groupsEnabled || policies.onGroupDeleted === "unbind";

/**
 * What the end of a directory group comes to in one integration, by `policies.onGroupDeleted`: its members lose it, and
 * it is bound no longer. Safe to call at any time; the same again continues.
 * @throws Failure that is not of the provider's: `audit-unavailable`, `store-unavailable`
 */
export const endGroup = async (context: Context, groupId: string): Promise<IntegrationReceipt> => {
  const { ports, call, integration } = context;
  const { integrationId } = integration;
  const { saved, link } = await readGroupState(ports, integrationId, groupId);
  const state = groupState(integration, link, saved);
  const nothing = { integrationId, action: "unchanged" as const, eventIds: [] };
  if (isLetGo(link)) return { ...nothing, state };
  if (!saved?.deleted) return { ...nothing, action: "skipped", state, reason: madeAnew };
  if (!isSendable(integration, { call, endsAccess: true })) {
    const reason = `the integration is ${statusOf(integration)}; the group ends there once it is active`;
    return { ...nothing, state: "pending", reason };
  }
  const asking = continueAct(call, laterOf(saved.asked, link.assignment.asked));
  const own = { ...context, call: asking };
  const key = { integrationId, groupId };
  const held = link.assignment.bound ? await heldWhole(own, { saved, link }) : undefined;
  if (held) return { ...nothing, state: "held", holdId: held, reason: keptByGuard };
  if (!link.assignment.bound || staysAsItIs(integration))
    return toReceipt(context, await partOf(unbindGroup(ports, asking, key, { isAllowed: true })));

  const gone = (await isToBeDeleted(context, link)) ? await partOf(deleteIfOurs(own, groupId)) : undefined;
  if (gone && gone.state !== "deleted" && gone.state !== "in_sync") return toReceipt(context, gone);
  const emptied = await partOf(reconcileGroup(own, groupId));
  const eventIds = [...(gone?.eventIds ?? []), ...emptied.eventIds];
  if (emptied.state !== "in_sync" && emptied.state !== "skipped")
    return toReceipt(context, { ...emptied, eventIds });
  const action = gone?.state === "deleted" ? gone.action : emptied.action;
  return { ...(await unbindEmptied(own, groupId)), action, eventIds };
};

/**
 * The hold that keeps the group as it is, where its end came by itself and would take the group, or what hangs on it, from
 * all at once. One that is to be emptied goes on for those whom no hold keeps.
 */
const heldWhole = async (
  context: Context,
  { saved, link }: { saved: SavedGroup; link: GroupLink },
): Promise<string | undefined> => {
  const { ports, call, integration } = context;
  if (!call.isAutomatic || isConfirmedFor(link, saved)) return undefined;
  if (integration.policies.onGroupDeleted !== "delete" && !staysAsItIs(integration)) return undefined;
  const { groupId } = saved;
  const leaving = {
    groupId,
    userIds: await heldMembers(ports, link),
    leavesGroup: !staysAsItIs(integration),
  };
  const { accounts, groupOnly } = await countLosses(context, leaving, { group: link });
  const groups = [{ groupId, userIds: [...accounts, ...groupOnly], accounts }];
  const heldBack = await admitRemovals(context, { accounts: [], groups });
  const [first] = heldBack;
  if (first) await markGroupHeld(ports, link, first.holdId, heldBack);
  return first?.holdId;
};

const toReceipt = (
  { integration: { integrationId } }: Context,
  { action, state, reason, holdId, eventIds }: Part,
): IntegrationReceipt => ({
  integrationId,
  action,
  state,
  ...(reason && { reason }),
  ...(holdId && { holdId }),
  eventIds,
});

const madeAnew = "a later call has made the group anew, and it stays bound";

/**
 * One that this service created, and that holds some of our members: a look that shows them shows the others as well, and
 * decides the rest. Once it is emptied, nothing tells whether people are hidden in it.
 */
const isToBeDeleted = async (context: Context, { id, observed }: GroupLink): Promise<boolean> => {
  const { integrationId, policies } = context.integration;
  const isOurs = observed.remoteId !== undefined && observed.createdAt !== undefined;
  if (policies.onGroupDeleted !== "delete" || !isOurs || isMembersOnly(context)) return false;
  for await (const page of context.ports.pushedMembers.all(integrationId, id))
    if (page.some(({ presence }) => presence === "in")) return true;
  return false;
};

/** `in_sync`: the group stays, to be emptied. */
const deleteIfOurs = async (context: Context, groupId: string): Promise<IntegrationReceipt> => {
  const { eventIds, open, kept } = await deleteRemoteGroup(context, groupId, { hasEnded: true });
  const { integrationId } = context.integration;
  if (open) return { integrationId, action: "unchanged", state: "pending", reason: open, eventIds };
  return kept
    ? { integrationId, action: "unchanged", state: "in_sync", eventIds }
    : { integrationId, action: "deleted", state: "deleted", eventIds };
};

/** Nobody is held for the group any longer. Unless it was made anew meanwhile, it is bound no longer. */
const unbindEmptied = async (
  { ports, call, integration }: Context,
  groupId: string,
): Promise<Omit<IntegrationReceipt, "action">> => {
  const { integrationId } = integration;
  const key = { integrationId, id: groupId };
  const { saved, link } = await readGroupState(ports, integrationId, groupId);
  if (!saved?.deleted)
    return { integrationId, state: groupState(integration, link, saved), reason: madeAnew, eventIds: [] };
  const isDeleted = link.observed.remoteId === undefined && link.observed.former !== undefined;
  const removal = isDeleted ? "delete" : "unbind";
  const asked = askedBy(call.actor, ports.clock.now());
  await updateGroupAssignment(ports, key, (now) => (now.bound ? { bound: false, removal, asked } : now));
  await noteEnd(ports, integrationId, groupId, isDeleted ? "deleted" : "unbound");
  const now = await readGroupState(ports, integrationId, groupId);
  return { integrationId, state: groupState(integration, now.link, now.saved), eventIds: [] };
};
