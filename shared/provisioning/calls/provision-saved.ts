import { omit } from "../../common/objects.ts";
import { Failure, withEarlierEvents } from "../../model/failure.ts";
import type { UserAssignment } from "../../model/link.ts";
import type { UserReceipt } from "../../model/receipt.ts";
import { isHeldBack } from "../attempts/is-sendable.ts";
import { isUnauthorized } from "../attempts/provider-failure.ts";
import { leaveOthers, pushMemberships } from "../groups/push-memberships.ts";
import type { Context } from "../ports/ports.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { readUserState, type UserState, userState } from "../users/user-state.ts";

/**
 * Make the account what the saved user and the assignment say, `assign` being a change of it that is still to be written,
 * and then the memberships of an account that is back or another one by now.
 * @throws Failure as `reconcileUser`
 */
export const provisionSaved = async (
  context: Context,
  known: UserState,
  assign?: (now: UserAssignment) => UserAssignment,
): Promise<UserReceipt> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  const { link } = known;
  const userId = link.id;
  const { excluded: wasOut, groups } = link.assignment;
  const receipt = await reconcileUser(context, userId, { known, ...(assign && { assign }) }).catch(
    async (error: unknown) => {
      if (!(error instanceof Failure) || isUnauthorized(error) || isHeldBack(error)) throw error;
      // An account that came back may be open although it could not be changed as it should be.
      const now = await ports.userLinks.read({ integrationId, id: userId });
      const others = await leaveOthers(context, now);
      throw withEarlierEvents(error, [...(error.extras.earlierEventIds ?? []), ...others]);
    },
  );
  const isBack = ["created", "adopted", "reactivated"].includes(receipt.action);
  const isOther = receipt.remoteId !== undefined && receipt.remoteId !== link.observed.remoteId;
  const isAwaited = (isBack || isOther || wasOut) && groups.length > 0;
  const isPending = receipt.state === "pending" && !receipt.reason;
  if (!isAwaited && !isPending) return receipt;
  const eventIds = await pushMemberships(context, userId);
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
