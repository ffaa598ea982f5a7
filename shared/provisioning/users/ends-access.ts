import { isShutForSure } from "../../model/account-facts.ts";
import { isLetIn } from "../../model/directory.ts";
import { possibleAccount } from "../accounts/account-names.ts";
import { desiredOf, isInScope, isLeftAsItIs, removalOf } from "../assignments/assignment.ts";
import type { UserState } from "./user-state.ts";

type User = Pick<UserState, "saved" | "link">;

/** Whether the user is to lose access, and has an account that is open, or may be. */
export const endsAccess = ({ saved, link }: User): boolean => {
  const { assignment, observed } = link;
  if (isLeftAsItIs(link, saved)) return isLeftOpen({ saved, link });
  if (desiredOf(assignment, saved) === "active") return false;
  // No account is known of one whom nobody ever held, or of whom the policy leaves it.
  if (!isInScope(assignment) && (removalOf(assignment, saved) ?? "none") === "none") return false;
  if (observed.remoteId === undefined) return possibleAccount(observed) !== undefined;
  return !isShutForSure(observed);
};

/**
 * Whether an account that is left as it is, since nobody ever held its user or the policy says so, is open, or may be, although the user has left or is not
 * let in: nothing closes it by itself, so a person has to know.
 */
export const isLeftOpen = ({ saved, link }: User): boolean => {
  const isLetInHere = saved !== undefined && !saved.deleted && isLetIn(saved);
  return isLeftAsItIs(link, saved) && !isLetInHere && !isShutForSure(link.observed);
};
