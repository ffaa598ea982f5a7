import { omit } from "../../common/objects.ts";
import { Failure, withEarlierEvents } from "../../model/failure.ts";
import type { UserAssignment } from "../../model/link.ts";
import type { UserReceipt } from "../../model/receipt.ts";
import { isUnauthorized } from "../attempts/provider-failure.ts";
import { leaveOthers, pushMemberships } from "../groups/push-memberships.ts";
import type { Context } from "../ports/ports.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { readUserState, type UserState, userState } from "../users/user-state.ts";

/**
 * Change who holds the user, to be in scope, and provision them now, with what the groups that hold them grant. `known`
 * was read just before.
 */
export const assignUser = async (
  { ports, call, integration }: Context,
  userId: string,
  known: UserState,
  assign: (now: UserAssignment) => UserAssignment,
): Promise<UserReceipt> => {
  const { integrationId } = integration;
  const { link } = known;
  const { excluded: wasOut, groups } = link.assignment;
  // One who could not be shut out was taken out of the groups instead.
  for (const groupId of wasOut ? groups : [])
    await ports.pushedMembers.noteWaiting(integrationId, groupId, { begin: [userId] });
  const receipt = await reconcileUser({ ports, call, integration }, userId, {
    known,
    assign,
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
