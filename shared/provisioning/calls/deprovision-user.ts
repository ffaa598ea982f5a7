import { Failure } from "../../model/failure.ts";
import type { UserAssignment } from "../../model/link.ts";
import type { UserReceipt } from "../../model/receipt.ts";
import { takeOut } from "../assignments/assignment.ts";
import { requireActive } from "../attempts/require-integration.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { reconcileUser } from "../users/reconcile-user.ts";
import { readUserState } from "../users/user-state.ts";

/**
 * Take the user out of the integration, also while a bound group holds them, until PUT again.
 * @throws Failure `not-found` where the integration never held the user
 */
export const deprovisionUser = async (
  ports: Ports,
  call: Call,
  { integrationId, userId }: { integrationId: string; userId: string },
  action?: "deprovision" | "delete",
): Promise<UserReceipt> => {
  const integration = await requireActive(ports, integrationId);
  const known = await readUserState(ports, integrationId, userId);
  if (known.link.rev === 0)
    throw new Failure("not-found", `Integration ${integrationId} never held user ${userId}.`);
  const removal = action ?? integration.policies.onUserUnassigned;
  const assign = (now: UserAssignment) => takeOut(now, removal);
  return reconcileUser({ ports, call, integration }, userId, { known, assign });
};
