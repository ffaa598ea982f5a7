import { concurrently } from "../../common/concurrently.ts";
import { changedBy } from "../../directory/changed-by.ts";
import { askedBy } from "../../model/asked.ts";
import type { SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { LeaverReceipt } from "../../model/receipt.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { leaveIntegration } from "./leave-integration.ts";
import { recordLeaving } from "./record-leaving.ts";

/**
 * The leaver call: the user goes from the directory and its groups, and `onUserDeleted` is applied in every
 * integration that holds them. What fails in one integration keeps nobody in another; its receipt says so. The same
 * call again continues.
 * @throws Failure `not-found`
 */
export const deleteUser = async (ports: Ports, call: Call, userId: string): Promise<LeaverReceipt> => {
  await markDeleted({ ports, call }, userId);
  // Everything that is wanted is durable before the first request, so a later call that continues knows all of it.
  const carriedOut = { until: call.answerUntil };
  const held = await recordLeaving({ ports, call, carriedOut }, userId);
  const receipts = await concurrently(
    held,
    width,
    ({ integration, groups }) => leaveIntegration({ ports, call, integration }, userId, groups),
    takingTurns(ports, call, held.length),
  );
  return { userId, receipts };
};

/** Integrations at once, as long as no more than that hang. */
const width = 8;

/**
 * A provider that hangs takes all the time of each call, and would keep those behind it out for good. So an
 * integration that takes longer than an even share of the time lets others begin beside it. Every call then reaches
 * every integration, without a record of whose turn it is, and one that is merely slow still has all the time left.
 */
const takingTurns = ({ clock }: Ports, call: Call, count: number): (() => Promise<void>) => {
  const turnMs = (call.sendUntil - clock.now()) / Math.ceil(count / width);
  return () => clock.sleep(Math.max(0, turnMs));
};

const markDeleted = async (
  { ports, call }: { ports: Ports; call: Call },
  userId: string,
): Promise<SavedUser> => {
  for (;;) {
    const saved = await ports.users.read(userId);
    if (!saved) throw new Failure("not-found", `The directory has no user ${userId}.`);
    if (saved.deleted) return saved;
    const asked = askedBy(call.actor, ports.clock.now());
    const changed = changedBy(ports, saved.changed, { until: call.answerUntil });
    const deleted = await ports.users.save(userId, saved.version, saved.user, {
      deleted: true,
      asked,
      changed,
    });
    if (deleted) return deleted;
  }
};
