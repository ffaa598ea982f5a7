import { omit } from "../../common/objects.ts";
import { isLetIn, type SavedUser } from "../../model/directory.ts";
import { durationMs } from "../../model/duration.ts";
import { defaultPolicies, type Policies, type Removal } from "../../model/integration.ts";
import type { Exclusion, GroupAssignment, UserAssignment, UserLink } from "../../model/link.ts";
import type { Desired } from "../../model/receipt.ts";

export const unassigned: UserAssignment = { direct: false, groups: [], excluded: false };
export const unbound: GroupAssignment = { bound: false };

/** A user is in scope while assigned directly or held by a bound group, unless taken out by a call. */
export const isInScope = (assignment: UserAssignment): boolean =>
  !assignment.excluded && (assignment.direct || assignment.groups.length > 0);

/**
 * Nobody holds the user, and nobody who did has let go: what is known of an account then is of one that was imported, and it
 * is left as it is.
 */
export const isNeverHeld = ({ direct, groups, excluded, removal }: UserAssignment): boolean =>
  !direct && groups.length === 0 && !excluded && removal === undefined;

/** An account that was imported, and that nobody holds: nothing is wanted of it. */
export const isUnmanaged = ({ assignment, observed }: Pick<UserLink, "assignment" | "observed">): boolean =>
  observed.remoteId !== undefined && isNeverHeld(assignment);

/** Why nothing is done with such an account. */
export const unmanaged = "unmanaged";

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
  const back = { ...omit(assignment, "exclusion", "left"), excluded: false };
  return isInScope(back) ? omit(back, "removal", "letGo", "deleteFrom") : back;
};

/** Whether a call has taken out one who is in the directory. */
export const isTakenOut = ({ excluded, left }: UserAssignment, saved: SavedUser | undefined): boolean =>
  excluded && !left && saved !== undefined && !saved.deleted;

/** What the status says of one who is taken out, is out, and whom a group holds still. */
export const takenOut = "taken-out";

export const holdByGroup = (assignment: UserAssignment, groupId: string): UserAssignment => {
  if (assignment.groups.includes(groupId)) return assignment;
  const held = { ...assignment, groups: [...assignment.groups, groupId].sort() };
  return assignment.excluded ? held : omit(held, "removal", "letGo", "deleteFrom");
};

/** The same of a member whom the directory has: one who had left it is back. */
export const holdMember = (assignment: UserAssignment, groupId: string): UserAssignment =>
  holdByGroup(
    assignment.left
      ? { ...omit(assignment, "left", "removal", "letGo", "deleteFrom"), excluded: false }
      : assignment,
    groupId,
  );

/** Whether one whom nobody held before is in scope by this, and is not let in: an account that is open is to be closed by it. */
export const beginsShutOut = (before: UserAssignment, held: UserAssignment, saved: SavedUser): boolean =>
  !isInScope(before) && isInScope(held) && !saved.deleted && !isLetIn(saved);

/**
 * The group lets go of the user, as the guard has allowed; if it was the last to hold them, the policy decides what becomes
 * of the account. `isLetGo`: the guard has let the account go, too.
 */
export const dropGroup = (
  assignment: UserAssignment,
  groupId: string,
  policies: Policies,
  isLetGo = true,
): UserAssignment => {
  if (!assignment.groups.includes(groupId)) return assignment;
  const dropped = { ...assignment, groups: assignment.groups.filter((held) => held !== groupId) };
  if (isInScope(dropped) || dropped.removal) return dropped;
  return { ...dropped, removal: policies.onUserUnassigned, ...(isLetGo && { letGo: true }) };
};

/**
 * The user left the directory, at `now` (Unix ms) or before. The groups stay noted until each has let go of the user at
 * the provider too. When the account is to be deleted is decided once.
 */
export const endByLeaving = (
  assignment: UserAssignment,
  { onUserDeleted, deleteAfter = defaultPolicies.deleteAfter }: Policies,
  now: number,
): UserAssignment => {
  const { excluded, exclusion, left } = assignment;
  // One whom a call has taken out stays out, should they come back.
  const isTakenOutBefore = excluded && !left;
  const out: UserAssignment = {
    ...takeOut(assignment, onUserDeleted, exclusion),
    ...(!isTakenOutBefore && { left: true }),
  };
  const after = durationMs(deleteAfter);
  if (onUserDeleted !== "delete" || after === 0) return out;
  return { ...out, deleteFrom: assignment.deleteFrom ?? new Date(now + after).toISOString() };
};

/**
 * What is to become of the account of one who is out of scope; nothing where nobody ever held the user. One who is locked
 * is shut out of an account, too, that the policy leaves as it is, and a leaver who came back before the account was
 * deleted keeps it, closed.
 */
export const removalOf = (assignment: UserAssignment, saved: SavedUser | undefined): Removal | undefined => {
  if (isNeverHeld(assignment)) return undefined;
  const { removal, deleteFrom, left } = assignment;
  const isLeaver = (deleteFrom !== undefined || left) && removal === "delete";
  const isBack = isLeaver && saved !== undefined && !saved.deleted;
  const isShutOut = saved?.lock !== undefined && (removal ?? "none") === "none";
  return isBack || isShutOut ? "deprovision" : removal;
};

/**
 * Whether nothing is wanted of an account that is there: it is unmanaged, or the policy leaves it as it is now that nothing
 * holds the user.
 */
export const isLeftAsItIs = (
  { assignment, observed }: Pick<UserLink, "assignment" | "observed">,
  saved: SavedUser | undefined,
): boolean =>
  observed.remoteId !== undefined &&
  !isInScope(assignment) &&
  (removalOf(assignment, saved) ?? "none") === "none";

/** Whether the account is closed only by now (Unix ms), and is to be deleted later. */
export const isDeletedLater = ({ deleteFrom }: UserAssignment, now: number): boolean =>
  deleteFrom !== undefined && now < Date.parse(deleteFrom);

/** What the account shall be; nobody says so of one that is unmanaged. */
export const desiredOf = (assignment: UserAssignment, saved: SavedUser | undefined): Desired => {
  if (isInScope(assignment) && saved && !saved.deleted) return isLetIn(saved) ? "active" : "inactive";
  return removalOf(assignment, saved) === "delete" ? "absent" : "inactive";
};
