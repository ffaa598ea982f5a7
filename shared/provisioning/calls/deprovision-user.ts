import { Failure, withEarlierEvents } from "../../model/failure.ts";
import type { Integration, Removal } from "../../model/integration.ts";
import type { UserAssignment } from "../../model/link.ts";
import type { UserReceipt } from "../../model/receipt.ts";
import { takeOut } from "../assignments/assignment.ts";
import { updateUserAssignment } from "../assignments/update-assignment.ts";
import { requireActive } from "../attempts/require-integration.ts";
import { takeOutOfGroups } from "../groups/take-out-member.ts";
import { guardLosses } from "../guard/guard-losses.ts";
import { lossesOf } from "../guard/losses.ts";
import { leaveByItself } from "../holds/leave-hold.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { readUserState, type UserState } from "../users/user-state.ts";
import { goesOnByItself, savedUserReceipt } from "./saved-receipt.ts";

/**
 * Take the user out of the integration, also while a bound group holds them, until PUT again. Where the provider refuses
 * that, the account is taken out of the groups at least.
 * @throws Failure `not-found` where the integration never held the user, `deprovisions-held`
 */
export const deprovisionUser = async (
  ports: Ports,
  call: Call,
  { integrationId, userId }: { integrationId: string; userId: string },
  { action, confirm }: { action?: "deprovision" | "delete" | undefined; confirm?: number | undefined } = {},
): Promise<UserReceipt> => {
  const integration = await requireActive(ports, integrationId);
  const known = await readUserState(ports, integrationId, userId);
  if (known.link.rev === 0)
    throw new Failure("not-found", `Integration ${integrationId} never held user ${userId}.`);
  const removal = action ?? removalByPolicy(integration, known);
  const { initiatedBy, reason } = call.actor;
  const since = new Date(ports.clock.now()).toISOString();
  const exclusion = { since, by: initiatedBy.id, ...(reason !== undefined && { reason }) };
  const assign = (now: UserAssignment) => ({ ...takeOut(now, removal, exclusion), letGo: true as const });
  const context = { ports, call, integration };
  await guardLosses(context, lossesOf(context, known.link, removal), confirm);
  await leaveByItself(ports, known.link);
  return reconcileUser(context, userId, { known, assign }).catch(async (error: unknown) => {
    if (goesOnByItself(error)) {
      await updateUserAssignment(ports, known.link, assign);
      return savedUserReceipt(context, userId, error);
    }
    if (!(error instanceof Failure) || error.code !== "provider-rejected") throw error;
    // What the groups grant ends even where the account stays open.
    const now = await ports.userLinks.read({ integrationId, id: userId });
    const others = now && integration.groupsEnabled ? await takeOutOfGroups(context, now) : [];
    throw withEarlierEvents(error, [...(error.extras.earlierEventIds ?? []), ...others]);
  });
};

/** Of one who has left the directory it is decided already, also where the call that deleted them did not come so far. */
const removalByPolicy = (
  { policies }: Integration,
  { saved, link: { assignment } }: Pick<UserState, "saved" | "link">,
): Removal => {
  const { left, excluded, removal } = assignment;
  if (!saved?.deleted || (excluded && !left)) return policies.onUserUnassigned;
  return (left && removal) || policies.onUserDeleted;
};
