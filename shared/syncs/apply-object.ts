import type { SavedUser } from "../model/directory.ts";
import type { UserAssignment } from "../model/link.ts";
import { desiredOf, isInScope } from "../provisioning/assignments/assignment.ts";
import { updateUserAssignment } from "../provisioning/assignments/update-assignment.ts";
import { provisionAsWanted } from "../provisioning/automatic/carry-out.ts";
import { reconcileAsAsked } from "../provisioning/calls/bind-as-asked.ts";
import { endGroup } from "../provisioning/calls/end-group.ts";
import { unbindGroup } from "../provisioning/calls/unbind-group.ts";
import { noteConfirmed } from "../provisioning/guard/open-leavers.ts";
import { isLetGo, readGroupState } from "../provisioning/memberships/group-state.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import { isInGrace } from "../provisioning/users/grace.ts";
import { readUserState } from "../provisioning/users/user-state.ts";
import type { ObjectKey } from "./sync-items.ts";

/**
 * Make one object at the service provider what is wanted of it, the guard having let go of what is taken away by it: who
 * asks has confirmed that, or asks what would be. What a hold keeps is decided there, and a grace is waited for.
 * @throws Failure as the call for the object
 */
export const applyObject = async (context: Context, { kind, id }: ObjectKey): Promise<void> => {
  await (kind === "user" ? applyUser(context, id) : applyGroup(context, id));
};

const applyUser = async (context: Context, userId: string): Promise<void> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  const { saved, link } = await readUserState(ports, integrationId, userId);
  const waits = link.work?.state === "held" || isInGrace({ saved, link }, ports.clock.now());
  if (link.rev === 0 || waits) return;
  const isTaken = desiredOf(link.assignment, saved) !== "active";
  if (isTaken)
    await updateUserAssignment(ports, { integrationId, id: userId }, (now) => letGo(now, saved), link);
  await provisionAsWanted(
    context,
    isTaken ? await readUserState(ports, integrationId, userId) : { saved, link },
  );
};

const letGo = (assignment: UserAssignment, saved: SavedUser | undefined): UserAssignment => {
  if (!isInScope(assignment)) return assignment.removal ? { ...assignment, letGo: true } : assignment;
  return saved && !saved.deleted ? { ...assignment, closedAs: saved.version } : assignment;
};

const applyGroup = async (context: Context, groupId: string): Promise<void> => {
  const { ports, call, integration } = context;
  const key = { integrationId: integration.integrationId, id: groupId };
  const { saved, link } = await readGroupState(ports, key.integrationId, groupId);
  if (link.rev === 0 || isLetGo(link)) return;
  if (saved && link.assignment.bound && link.assignment.confirmed !== saved.version)
    await noteConfirmed(ports, key, saved);
  if (saved?.deleted) await endGroup(context, groupId);
  else if (link.assignment.bound) await reconcileAsAsked(context, link);
  else await unbindGroup(ports, call, { integrationId: key.integrationId, groupId }, { isAllowed: true });
};
