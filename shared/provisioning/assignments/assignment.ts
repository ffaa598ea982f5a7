import { omit } from "../../common/objects.ts";
import { isLetIn, type SavedUser } from "../../model/directory.ts";
import type { Policies, Removal } from "../../model/integration.ts";
import type { Exclusion, GroupAssignment, UserAssignment } from "../../model/link.ts";
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

/**
 * Out, also while groups hold the user. The groups stay noted, so that a later PUT restores what they grant. `exclusion`:
 * by whom; who did it first counts.
 */
export const takeOut = (
  { groups, exclusion: before }: UserAssignment,
  removal: Removal,
  exclusion?: Exclusion,
): UserAssignment => {
  const kept = exclusion && (before ?? exclusion);
  return { direct: false, groups, excluded: true, removal, ...(kept && { exclusion: kept }) };
};

/** The groups that hold the user have them back, who were taken out; where none does, the account stays as it is. */
export const giveBack = (assignment: UserAssignment): UserAssignment => {
  if (!assignment.excluded) return assignment;
  const back = { ...omit(assignment, "exclusion"), excluded: false };
  return isInScope(back) ? omit(back, "removal") : back;
};

/** Whether a call has taken out one who is in the directory. */
export const isTakenOut = ({ excluded }: UserAssignment, saved: SavedUser | undefined): boolean =>
  excluded && saved !== undefined && !saved.deleted;

/** What the status says of one who is taken out, is out, and whom a group holds still. */
export const takenOut = "taken-out";

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

/**
 * What is to become of the account of one who is out of scope. One who is locked is shut out of an account, too, that
 * the policy leaves as it is.
 */
export const removalOf = ({ removal }: UserAssignment, saved: SavedUser | undefined): Removal | undefined =>
  saved?.lock && (removal ?? "none") === "none" ? "deprovision" : removal;

/** What the account shall be. */
export const desiredOf = (assignment: UserAssignment, saved: SavedUser | undefined): Desired => {
  if (isInScope(assignment) && saved && !saved.deleted) return isLetIn(saved) ? "active" : "inactive";
  return assignment.removal === "delete" ? "absent" : "inactive";
};
