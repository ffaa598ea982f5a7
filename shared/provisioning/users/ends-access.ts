import { isShutAt } from "../../model/account-facts.ts";
import { isLetIn } from "../../model/directory.ts";
import type { Integration } from "../../model/integration.ts";
import { possibleAccount } from "../accounts/account-names.ts";
import { desiredOf, isInScope, isLeftAsItIs, removalOf } from "../assignments/assignment.ts";
import type { UserState } from "./user-state.ts";

type User = Pick<UserState, "saved" | "link">;
type Here = Pick<Integration, "baseUrl">;

/** Whether the user is to lose access, and has an account that is open, or may be. */
export const endsAccess = (integration: Here, { saved, link }: User): boolean => {
  const { assignment, observed } = link;
  if (isLeftAsItIs(link, saved)) return isLeftOpen(integration, { saved, link });
  if (desiredOf(assignment, saved) === "active") return false;
  // No account is known of one whom nobody ever held, or of whom the policy leaves it.
  if (!isInScope(assignment) && (removalOf(assignment, saved) ?? "none") === "none") return false;
  if (observed.remoteId === undefined) return possibleAccount(integration, observed) !== undefined;
  return !isShutAt(integration, observed);
};

/**
 * Whether an account that is left as it is, since nobody ever held its user or the policy says so, is open, or may be,
 * although the user has left or is not let in: nothing closes it by itself, so a person has to know.
 */
export const isLeftOpen = (integration: Here, { saved, link }: User): boolean => {
  const isLetInHere = saved !== undefined && !saved.deleted && isLetIn(saved);
  return isLeftAsItIs(link, saved) && !isLetInHere && !isShutAt(integration, link.observed);
};
