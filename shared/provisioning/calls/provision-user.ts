import { omit } from "../../common/objects.ts";
import { saveDirectoryUser } from "../../directory/save-user.ts";
import { type DirectoryUser, isActive, type SavedUser } from "../../model/directory.ts";
import { Failure, withEarlierEvents } from "../../model/failure.ts";
import type { UserReceipt } from "../../model/receipt.ts";
import { assignDirectly } from "../assignments/assignment.ts";
import { isUnauthorized } from "../attempts/provider-failure.ts";
import { activeIntegration } from "../attempts/require-integration.ts";
import { leaveOthers, pushMemberships } from "../groups/push-memberships.ts";
import { guardLosses } from "../guard/guard-losses.ts";
import { lossesOf } from "../guard/losses.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { readUserState, userLinkOrNew, userState } from "../users/user-state.ts";

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
  if (!isActive(wanted)) {
    const context = { ports, integration };
    await guardLosses(context, lossesOf(context, link, "deprovision"), confirm);
  }
  const saved = user
    ? await saveDirectoryUser({ ports, call }, userId, user, outset)
    : requireSaved(userId, outset.saved);
  const known = { saved, link, isOrdered: saved !== outset.saved };
  const { excluded: wasOut, groups } = link.assignment;
  // One who could not be shut out was taken out of the groups instead.
  for (const groupId of wasOut ? groups : [])
    await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin: [userId] });
  const receipt = await reconcileUser({ ports, call, integration }, userId, {
    known,
    assign: assignDirectly,
  }).catch(async (error: unknown) => {
    if (!(error instanceof Failure) || isUnauthorized(error)) throw error;
    // An account that came back may be open although it could not be changed as it should be.
    const now = await ports.userLinks.read({ integrationId, id: userId });
    const others = await leaveOthers({ ports, call, integration }, now);
    throw withEarlierEvents(error, [...(error.extras.earlierEventIds ?? []), ...others]);
  });
  const isBack = ["created", "adopted", "reactivated"].includes(receipt.action);
  const isOther = receipt.remoteId !== undefined && receipt.remoteId !== link.observed.remoteId;
  const isAwaited = (isBack || isOther || wasOut) && groups.length > 0;
  const isPending = receipt.state === "pending" && !receipt.reason;
  if (!isAwaited && !isPending) return receipt;
  const eventIds = await pushMemberships({ ports, call, integration }, userId);
  const told = { ...receipt, eventIds: [...receipt.eventIds, ...eventIds] };
  // A group may have taken long, and other calls have changed the user meanwhile.
  const now = await readUserState(ports, integrationId, userId);
  const state = userState(integration, ports.profileOf(integration), now.link, now.saved);
  if (state === "pending" && isPending) return { ...told, state, reason: mayBeInGroups };
  if (state === receipt.state) return told;
  const { pushed, remoteId } = now.link.observed;
  return {
    ...omit(told, "reason", "remoteId", "active"),
    state,
    ...(!isPending && { reason: changedSince }),
    ...(remoteId && { remoteId }),
    ...(typeof pushed?.active === "boolean" && { active: pushed.active }),
  };
};

const changedSince = "another call has changed the user since; the state is what came of that";

const mayBeInGroups =
  "the account came back and may be in groups that are not the user's any more; see their events; the same call again continues";

const requireSaved = (userId: string, saved: SavedUser | undefined): SavedUser => {
  if (saved && !saved.deleted) return saved;
  throw new Failure("not-found", `The directory has no user ${userId}. Send the user in the body.`);
};
