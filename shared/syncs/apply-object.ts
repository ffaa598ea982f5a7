import type { SavedUser } from "../model/directory.ts";
import type { UserAssignment } from "../model/link.ts";
import type { SyncItem } from "../model/sync.ts";
import { desiredOf, isDeletedLater, isInScope } from "../provisioning/assignments/assignment.ts";
import { updateUserAssignment } from "../provisioning/assignments/update-assignment.ts";
import { provisionAsWanted } from "../provisioning/automatic/carry-out.ts";
import { reconcileAsAsked } from "../provisioning/calls/bind-as-asked.ts";
import { endGroup, staysAsItIs } from "../provisioning/calls/end-group.ts";
import { unbindGroup } from "../provisioning/calls/unbind-group.ts";
import { isConfirmedFor, noteConfirmed } from "../provisioning/guard/open-leavers.ts";
import { keptAccount } from "../provisioning/holds/held-account.ts";
import { markGroupHeld } from "../provisioning/holds/mark-held.ts";
import type { HeldBack } from "../provisioning/holds/standing-items.ts";
import { type GroupState, isLetGo, readGroupState } from "../provisioning/memberships/group-state.ts";
import type { Context, IntegrationContext } from "../provisioning/ports/ports.ts";
import { isInGrace } from "../provisioning/users/grace.ts";
import { readUserState } from "../provisioning/users/user-state.ts";
import { forgetMissing, isKnownMissing } from "../verification/forget-missing.ts";
import type { ObjectKey } from "./sync-items.ts";

/**
 * Make one object at the service provider what is wanted of it, the guard having let go of what is taken away by it: who
 * asks has confirmed that, or asks what would be. What a hold keeps stays: that is for whoever decides it; and a grace is
 * waited for.
 * @returns what a hold keeps of it
 * @throws Failure as the call for the object
 */
export const applyObject = (context: Context, { kind, id }: ObjectKey): Promise<SyncItem[]> =>
  kind === "user" ? applyUser(context, id) : applyGroup(context, id);

const applyUser = async (context: Context, userId: string): Promise<SyncItem[]> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  const { saved, link } = await readUserState(ports, integrationId, userId);
  if (link.rev === 0 || isInGrace({ saved, link }, ports.clock.now())) return [];
  const desired = desiredOf(link.assignment, saved);
  const isTaken = desired !== "active";
  if (isTaken && (await keptAccount(context, { saved, link })) !== undefined) {
    const isDeletion = desired === "absent" && !isDeletedLater(link.assignment, ports.clock.now());
    return [{ kind: "user", userId, action: isDeletion ? "deleted" : "deprovisioned", state: "held" }];
  }
  if (isTaken)
    await updateUserAssignment(ports, { integrationId, id: userId }, (now) => letGo(now, saved), link);
  const isMissing = !isTaken && isKnownMissing(link.observed);
  if (isMissing) await forgetMissing(context, userId);
  const isMoved = isTaken || isMissing;
  await provisionAsWanted(
    context,
    isMoved ? await readUserState(ports, integrationId, userId) : { saved, link },
  );
  return [];
};

const letGo = (assignment: UserAssignment, saved: SavedUser | undefined): UserAssignment => {
  if (!isInScope(assignment)) return assignment.removal ? { ...assignment, letGo: true } : assignment;
  return saved && !saved.deleted ? { ...assignment, closedAs: saved.version } : assignment;
};

const applyGroup = async (context: Context, groupId: string): Promise<SyncItem[]> => {
  const { ports, call, integration } = context;
  const key = { integrationId: integration.integrationId, id: groupId };
  const { saved, link } = await readGroupState(ports, key.integrationId, groupId);
  if (link.rev === 0 || isLetGo(link)) return [];
  const kept = await keptMembers(context, { saved, link });
  const [first] = kept;
  // Whoever goes on from here looks at the mark alone, which other work may have taken away.
  if (first && !link.work?.holdId) await markGroupHeld(ports, key, first.holdId, kept);
  const held = kept.map(({ userId }) => toHeldMember(userId, groupId));
  // One that ends there with all that hangs on it is held as a whole.
  const isWhole = staysAsItIs(integration) || integration.policies.onGroupDeleted === "delete";
  if (saved?.deleted && isWhole && first) return held;
  if (saved && link.assignment.bound && !isConfirmedFor(link, saved)) await noteConfirmed(ports, link, saved);
  if (saved?.deleted) await endGroup(context, groupId);
  else if (link.assignment.bound) await reconcileAsAsked(context, link);
  else await unbindGroup(ports, call, { integrationId: key.integrationId, groupId }, { isAllowed: true });
  return held;
};

const toHeldMember = (userId: string, groupId: string): SyncItem => ({
  kind: "member",
  userId,
  groupId,
  action: "removed",
  state: "held",
});

/** Those whom a hold keeps in the group. Who is a member again is not to go, and leaves it by that. */
const keptMembers = async (
  { ports }: IntegrationContext,
  { saved, link }: GroupState,
): Promise<HeldBack[]> => {
  if (!link.assignment.bound) return [];
  const kept = (await ports.holds.ofGroup(link.integrationId, link.id)).filter(
    ({ state }) => state !== "approved",
  );
  if (kept.length === 0 || !saved || saved.deleted) return kept;
  const userIds = kept.map(({ userId }) => userId);
  const back = await ports.groups.membersAmong(link.id, saved.version, userIds);
  return kept.filter(({ userId }) => !back.has(userId));
};
