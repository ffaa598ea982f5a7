import { changeDirectoryUser } from "../../directory/change-directory-user.ts";
import { Failure } from "../../model/failure.ts";
import type { LeaverReceipt } from "../../model/receipt.ts";
import type { Changed } from "../../model/work.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { inEveryIntegration } from "./in-every-integration.ts";
import { leaveIntegration } from "./leave-integration.ts";
import { recordLeaving } from "./record-leaving.ts";

/**
 * The leaver call: the user goes from the directory and its groups, and `onUserDeleted` is applied in every
 * integration that holds them. What fails in one integration keeps nobody in another; its receipt says so. The same
 * call again continues.
 * @throws Failure `not-found`
 */
export const deleteUser = async (ports: Ports, call: Call, userId: string): Promise<LeaverReceipt> => {
  // Everything that is wanted is durable before the first request, so a later call that continues knows all of it.
  const asking = { ports, call, carriedOut: { until: call.answerUntil } };
  await markDeleted(asking, userId);
  const held = await recordLeaving(asking, userId);
  const receipts = await inEveryIntegration({ ports, call }, held, ({ integration, groups }) =>
    leaveIntegration({ ports, call, integration }, userId, groups),
  );
  return { userId, receipts };
};

const markDeleted = async (
  asking: { ports: Ports; call: Call; carriedOut: Changed["carriedOut"] },
  userId: string,
): Promise<void> => {
  await changeDirectoryUser(asking, userId, (before) => {
    if (!before) throw new Failure("not-found", `The directory has no user ${userId}.`);
    return before.deleted ? undefined : { user: before.user, deleted: true, lock: before.lock };
  });
};
