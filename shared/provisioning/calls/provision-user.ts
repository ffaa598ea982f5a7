import { saveDirectoryUser } from "../../directory/save-user.ts";
import { type DirectoryUser, isActive, type SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { UserReceipt } from "../../model/receipt.ts";
import { assignDirectly } from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { activeIntegration } from "../attempts/require-integration.ts";
import { guardLosses } from "../guard/guard-losses.ts";
import { lossesOf } from "../guard/losses.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { userLinkOrNew } from "../users/user-state.ts";
import { provisionSaved } from "./provision-saved.ts";
import { goesOnByItself, savedUserReceipt } from "./saved-receipt.ts";

/**
 * Assign the user directly and provision them now. The body, where there is one, is saved first, for all
 * integrations; without one the saved user is used.
 * @throws Failure `not-found` where there is neither, `deprovisions-held` where the guard keeps an account open
 */
export const provisionUser = async (
  ports: Ports,
  call: Call,
  { integrationId, userId, confirm }: { integrationId: string; userId: string; confirm?: number | undefined },
  user?: DirectoryUser,
): Promise<UserReceipt> => {
  const outset = await ports.reads.user(integrationId, userId);
  const integration = activeIntegration(outset.row, integrationId);
  const link = userLinkOrNew({ integrationId, id: userId }, outset.link);
  const wanted = user ?? requireSaved(userId, outset.saved).user;
  const context = { ports, call, integration };
  if (!isActive(wanted)) await guardLosses(context, lossesOf(context, link, "deprovision"), confirm);
  const saved = user
    ? await saveDirectoryUser(
        { ports, call, carriedOut: { integrationId, until: call.answerUntil } },
        userId,
        user,
        outset,
      )
    : requireSaved(userId, outset.saved);
  // One who could not be shut out was taken out of the groups instead.
  for (const groupId of link.assignment.excluded ? link.assignment.groups : [])
    await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin: [userId] });
  const known = { saved, link, isOrdered: saved !== outset.saved };
  return provisionSaved(context, known, assignDirectly).catch(async (error: unknown) => {
    if (!goesOnByItself(error)) throw error;
    await updateUserAssignment(ports, link, assignDirectly);
    return savedUserReceipt(context, userId, error);
  });
};

const requireSaved = (userId: string, saved: SavedUser | undefined): SavedUser => {
  if (saved && !saved.deleted) return saved;
  throw new Failure("not-found", `The directory has no user ${userId}. Send the user in the body.`);
};
