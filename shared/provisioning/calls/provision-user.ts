import { existingUser, saveDirectoryUser } from "../../directory/save-user.ts";
import { type DirectoryUser, isActive, type SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { UserAssignment, UserLink } from "../../model/link.ts";
import type { UserReceipt } from "../../model/receipt.ts";
import { assignDirectly, giveBack } from "../assignments/assignment.ts";
import { activeIntegration } from "../attempts/require-integration.ts";
import { guardLosses } from "../guard/guard-losses.ts";
import { lossesOf } from "../guard/losses.ts";
import { leaveByItself } from "../holds/leave-hold.ts";
import type { Call, Context, IntegrationContext, Ports } from "../ports/ports.ts";
import { type UserState, userLinkOrNew } from "../users/user-state.ts";
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
  const carriedOut = { integrationId, until: call.answerUntil };
  const saved = user
    ? await saveDirectoryUser({ ports, call, carriedOut }, userId, user, outset)
    : requireSaved(userId, outset.saved);
  await waitInGroups(context, link);
  const known = { saved, link, isOrdered: saved !== outset.saved };
  const assign = (now: UserAssignment): UserAssignment =>
    isActive(wanted) ? assignDirectly(now) : { ...assignDirectly(now), closedAs: saved.version };
  return provisionAssigned(context, known, assign);
};

/** What is on record by then goes on by itself where the provider does not answer. */
const provisionAssigned = async (
  context: Context,
  known: UserState,
  assign: (now: UserAssignment) => UserAssignment,
): Promise<UserReceipt> => {
  await leaveByItself(context.ports, known.link);
  return provisionSaved(context, known, assign).catch(async (error: unknown) => {
    if (!goesOnByItself(error)) throw error;
    return savedUserReceipt(context, known.link.id, error);
  });
};

/** One who could not be shut out was taken out of the groups instead. */
const waitInGroups = async (
  { ports }: IntegrationContext,
  { id, integrationId, assignment }: UserLink,
): Promise<void> => {
  for (const groupId of assignment.excluded ? assignment.groups : [])
    await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin: [id] });
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
  const context = { ports, call, integration };
  const known = { saved: existingUser(saved, userId), link, isOrdered: false };
  await waitInGroups(context, link);
  return provisionAssigned(context, known, giveBack);
};

const requireSaved = (userId: string, saved: SavedUser | undefined): SavedUser => {
  if (saved && !saved.deleted) return saved;
  throw new Failure("not-found", `The directory has no user ${userId}. Send the user in the body.`);
};
