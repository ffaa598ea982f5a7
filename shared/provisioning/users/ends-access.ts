import { isShutForSure } from "../../model/account-facts.ts";
import { possibleAccount } from "../accounts/account-names.ts";
import { desiredOf, isInScope, removalOf } from "../assignments/assignment.ts";
import type { UserState } from "./user-state.ts";

/** Whether the user is to lose access, and has an account that is open, or may be. */
export const endsAccess = ({
  saved,
  link: { assignment, observed },
}: Pick<UserState, "saved" | "link">): boolean => {
  if (desiredOf(assignment, saved) === "active") return false;
  // The policy leaves the account as it is, or nobody ever held the user.
  if (!isInScope(assignment) && (removalOf(assignment, saved) ?? "none") === "none") return false;
  if (observed.remoteId === undefined) return possibleAccount(observed) !== undefined;
  return !isShutForSure(observed);
};
