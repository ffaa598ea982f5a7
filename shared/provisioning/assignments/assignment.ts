import { omit } from "../../common/objects.ts";
import { isActive, type SavedUser } from "../../model/directory.ts";
import type { Policies, Removal } from "../../model/integration.ts";
import type { GroupAssignment, UserAssignment } from "../../model/link.ts";
import type { Desired } from "../../model/receipt.ts";

export const unassigned: UserAssignment = { direct: false, groups: [], excluded: false };
export const unbound: GroupAssignment = { bound: false };

/** A user is in scope while assigned directly or held by a bound group, unless taken out by a call. */
export const isInScope = (assignment: UserAssignment): boolean =>
  !assignment.excluded && (assignment.direct || assignment.groups.length > 0);

export const assignDirectly = ({ groups }: UserAssignment): UserAssignment => ({
  direct: true,
  groups,
  excluded: false,
});

/** Out, also while groups hold the user. The groups stay noted, so that a later PUT restores what they grant. */
export const takeOut = ({ groups }: UserAssignment, removal: Removal): UserAssignment => ({
  direct: false,
  groups,
  excluded: true,
  removal,
});

export const holdByGroup = (assignment: UserAssignment, groupId: string): UserAssignment => {
  if (assignment.groups.includes(groupId)) return assignment;
  const held = { ...assignment, groups: [...assignment.groups, groupId].sort() };
  return assignment.excluded ? held : omit(held, "removal", "letGo");
};

/**
 * The group lets go of the user, as the guard has allowed; if it was the last to hold them, the policy decides what becomes
 * of the account.
 */
export const dropGroup = (
  assignment: UserAssignment,
  groupId: string,
  policies: Policies,
): UserAssignment => {
  if (!assignment.groups.includes(groupId)) return assignment;
  const dropped = { ...assignment, groups: assignment.groups.filter((held) => held !== groupId) };
  if (isInScope(dropped) || dropped.removal) return dropped;
  return { ...dropped, removal: policies.onUserUnassigned, letGo: true };
};

/** The user left the directory. The groups stay noted until each has let go of the user at the provider too. */
export const endByLeaving = (assignment: UserAssignment, policies: Policies): UserAssignment =>
  takeOut(assignment, policies.onUserDeleted);

/** What the account shall be. */
export const desiredOf = (assignment: UserAssignment, saved: SavedUser | undefined): Desired => {
  if (isInScope(assignment) && saved && !saved.deleted) return isActive(saved.user) ? "active" : "inactive";
  return assignment.removal === "delete" ? "absent" : "inactive";
};
