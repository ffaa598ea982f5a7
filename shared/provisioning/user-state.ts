import { isActive, type SavedUser } from "../model/directory.ts";
import type { Integration } from "../model/integration.ts";
import type { UserLink } from "../model/link.ts";
import type { Profile } from "../model/profile.ts";
import type { State } from "../model/receipt.ts";
import { isInScope, unassigned } from "./assignment.ts";
import type { Ports } from "./ports/ports.ts";

/** The saved user and the link as they are now; a link that is not there is an empty one at revision 0. */
export type UserState = { saved: SavedUser | undefined; link: UserLink };
export const readUserState = async (
  ports: Ports,
  integrationId: string,
  userId: string,
): Promise<UserState> => {
  const key = { integrationId, id: userId };
  const [saved, link] = await Promise.all([ports.users.read(userId), ports.userLinks.read(key)]);
  return { saved, link: link ?? { ...key, rev: 0, assignment: unassigned, observed: { attempts: 0 } } };
};

/** Derived from versions and never stored, so no crash can leave it wrong. */
export const userState = (
  integration: Integration,
  profile: Profile,
  link: UserLink,
  saved: SavedUser | undefined,
): State => {
  const { observed, assignment, attempt } = link;
  if (attempt) return "pending";
  if (!isInScope(assignment) || !saved || saved.deleted) return removalState(link, profile);
  const isMoved =
    observed.version !== saved.version || observed.mappingVersion !== integration.mappingVersion;
  if (isMoved) return "pending";
  if (observed.lastError) return "failed";
  const isElsewhere = observed.remoteId !== undefined && observed.baseUrl !== integration.baseUrl;
  const isOpen = observed.remoteId !== undefined && observed.pushed?.active === true;
  return isElsewhere || isOpen !== isActive(saved.user) ? "pending" : "in_sync";
};

const removalState = (
  { assignment: { removal }, observed: { remoteId, pushed, lastError } }: UserLink,
  profile: Profile,
): State => {
  if (removal === "delete") {
    if (!remoteId || (profile.delete === "deactivates" && pushed?.active === false)) return "deleted";
  } else if (removal === "none" || !remoteId || pushed?.active === false) return "deprovisioned";
  return lastError ? "failed" : "pending";
};
