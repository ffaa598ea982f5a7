import type { SavedUser } from "../../model/directory.ts";
import type { Integration } from "../../model/integration.ts";
import type { UserLink } from "../../model/link.ts";
import type { Profile } from "../../model/profile.ts";
import { unconfirmedReason } from "../accounts/unconfirmed-values.ts";
import { isTakenOut, takenOut } from "../assignments/assignment.ts";
import { userState } from "./user-state.ts";

/** How a call leaves the user; what it did is told beside it. */
export const toUserReceipt = (
  integration: Integration,
  profile: Profile,
  link: UserLink,
  saved: SavedUser | undefined,
) => {
  const { remoteId, pushed, unconfirmed } = link.observed;
  const { deleteFrom } = link.assignment;
  const state = userState(integration, profile, link, saved);
  return {
    integrationId: integration.integrationId,
    userId: link.id,
    state,
    ...(state === "unconfirmed" && unconfirmed && { reason: unconfirmedReason(unconfirmed) }),
    ...(state === "skipped" && isTakenOut(link.assignment, saved) && { reason: takenOut }),
    ...(state === "deprovisioned" && deleteFrom && saved?.deleted && { reason: deletedFrom(deleteFrom) }),
    ...(remoteId && { remoteId }),
    ...(typeof pushed?.active === "boolean" && { active: pushed.active }),
  };
};

const deletedFrom = (at: string): string => `the account is closed, and is deleted from ${at} on`;
