import { existingUser, saveDirectoryUser } from "../../directory/save-user.ts";
import type { DirectoryUser, SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { UserReceipt } from "../../model/receipt.ts";
import { assignDirectly, giveBack } from "../assignments/assignment.ts";
import { activeIntegration } from "../attempts/require-integration.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { userLinkOrNew } from "../users/user-state.ts";
import { assignUser } from "./assign-user.ts";

/**
 * Assign the user directly and provision them now. The body, where there is one, is saved first, for all
 * integrations; without one the saved user is used.
 * @throws Failure `not-found` where there is neither
 */
export const provisionUser = async (
  ports: Ports,
  call: Call,
  { integrationId, userId }: { integrationId: string; userId: string },
  user?: DirectoryUser,
): Promise<UserReceipt> => {
  const outset = await ports.reads.user(integrationId, userId);
  const integration = activeIntegration(outset.row, integrationId);
  const saved = user
    ? await saveDirectoryUser({ ports, call }, userId, user, outset)
    : requireSaved(userId, outset.saved);
  const link = userLinkOrNew({ integrationId, id: userId }, outset.link);
  const known = { saved, link, isOrdered: saved !== outset.saved };
  return assignUser({ ports, call, integration }, userId, known, assignDirectly);
};

/**
 * Give one who was taken out back to the groups that hold them, and provision them now. One who was not is left as they
 * are.
 * @throws Failure `not-found` where the directory has no such user, or the integration never held them
 */
export const endExclusion = async (
  ports: Ports,
  call: Call,
  { integrationId, userId }: { integrationId: string; userId: string },
): Promise<UserReceipt> => {
  const { row, saved, link } = await ports.reads.user(integrationId, userId);
  const integration = activeIntegration(row, integrationId);
  if (!link) throw new Failure("not-found", `Integration ${integrationId} never held user ${userId}.`);
  const known = { saved: existingUser(saved, userId), link, isOrdered: false };
  return assignUser({ ports, call, integration }, userId, known, giveBack);
};

const requireSaved = (userId: string, saved: SavedUser | undefined): SavedUser => {
  if (saved && !saved.deleted) return saved;
  throw new Failure("not-found", `The directory has no user ${userId}. Send the user in the body.`);
};
