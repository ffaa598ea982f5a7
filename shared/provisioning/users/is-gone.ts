import type { SavedUser } from "../../model/directory.ts";
import type { UserLink } from "../../model/link.ts";
import { isRemovalDone } from "../../model/receipt.ts";
import { isInScope, isUnmanaged } from "../assignments/assignment.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { isLeftOpen } from "./ends-access.ts";
import { userState } from "./user-state.ts";

/**
 * Whether nothing is left to do in the integration for a user who left the directory: the account is as the policy wants
 * it, and every group has let go of it. One that is unmanaged stays as it is, and is gone once it is seen to be closed. Before
 * the policy is on record in the link, that is never so.
 */
export const isGone = (
  { ports, integration }: IntegrationContext,
  link: UserLink,
  saved: SavedUser | undefined,
): boolean => {
  const { assignment } = link;
  if (isUnmanaged(link)) return !isLeftOpen(integration, { saved, link });
  const isHeld = integration.groupsEnabled && assignment.groups.length > 0;
  const state = userState(integration, ports.profileOf(integration), link, saved);
  const isLater = assignment.deleteFrom !== undefined && state !== "deleted";
  return isRemovalDone(state) && !isInScope(assignment) && !isHeld && !isLater;
};
