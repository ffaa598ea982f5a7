import type { AttemptEventType } from "../../model/event.ts";
import { Failure } from "../../model/failure.ts";
import type { HeldItem, Hold, HoldDecision, HoldView } from "../../model/hold.ts";
import type { OpenAttempt } from "../../model/link.ts";
import { existingIntegration } from "../attempts/require-integration.ts";
import { leaseMs, newIntent } from "../attempts/run-attempt.ts";
import type { HoldKey } from "../ports/hold-store.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { requireHold, toHoldView } from "./list-holds.ts";
import { finishDecision, settleHold } from "./settle-hold.ts";
import { allItems } from "./tally.ts";

const maxTries = 20;
/** An event names as many of those whom it is about. */
const namedMost = 1_000;

/**
 * Approve or reject what is held, all of it or these users'. What is approved is due at once; what is rejected is kept until
 * what is wanted of it changes.
 * @throws Failure `not-found`, `deprovisions-held` with the count where it is not the one that is given,
 * `attempt-in-progress`, `integration-not-active`
 */
export const decideHold = async (
  { ports, call }: { ports: Ports; call: Call },
  key: HoldKey,
  verdict: "approved" | "rejected",
  { count, userIds }: HoldDecision,
): Promise<HoldView> => {
  const integration = existingIntegration(
    await ports.integrations.read(key.integrationId),
    key.integrationId,
  );
  if (integration.status === "deleted")
    throw new Failure("integration-not-active", `Integration ${key.integrationId} is deleted.`);
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const hold = await requireHold(ports, key);
    if (hold.attempt) {
      await settleEnded(ports, hold, hold.attempt);
      continue;
    }
    const items = await waitingItems(ports, key, userIds);
    const people = [...new Set(items.map(({ userId }) => userId))];
    if (people.length === 0 || people.length !== count) throw otherCount(key, people.length, verdict);
    const eventType = eventTypes[verdict];
    const changes = [
      { field: "holdId", to: key.holdId },
      { field: "count", to: count },
      { field: "userIds", to: people.slice(0, namedMost) },
    ];
    const { name } = integration.application;
    const resource = { type: "application" as const, id: key.integrationId, name };
    const intent = newIntent({ ports, call, integration }, resource, { eventType, changes, step: "write" });
    const attempt: OpenAttempt = { intent, leaseUntil: ports.clock.now() + leaseMs };
    if (!(await ports.holds.begin(key, hold.rev, attempt))) continue;
    try {
      await ports.holds.put(
        key,
        items.map((item) => decidedItem(item, verdict, attempt)),
      );
      await finishDecision(ports, key, attempt, []);
    } catch (error) {
      await ports.holds.abandon(key, attempt).catch(() => undefined);
      throw error;
    }
    return toHoldView(await requireHold(ports, key));
  }
  throw underWay(key);
};

const eventTypes: Record<"approved" | "rejected", AttemptEventType> = {
  approved: "idm_integration_hold_approved",
  rejected: "idm_integration_hold_rejected",
};

/** A decision that was cut off is finished first. */
const settleEnded = async (ports: Ports, hold: Hold, { leaseUntil }: OpenAttempt): Promise<void> => {
  if (leaseUntil > ports.clock.now()) throw underWay(hold);
  await settleHold(ports, hold);
};

const underWay = ({ holdId }: HoldKey): Failure =>
  new Failure("attempt-in-progress", `Another decision about hold ${holdId} is under way. Repeat the call.`, {
    retryAfterSeconds: 5,
  });

const waitingItems = async (
  ports: Ports,
  key: HoldKey,
  userIds: string[] | undefined,
): Promise<HeldItem[]> => {
  const wanted = userIds && new Set(userIds);
  const waiting: HeldItem[] = [];
  for await (const items of allItems(ports, key))
    waiting.push(...items.filter(({ state, userId }) => state === "held" && (!wanted || wanted.has(userId))));
  return waiting;
};

const otherCount = ({ holdId }: HoldKey, count: number, verdict: string): Failure =>
  new Failure(
    "deprovisions-held",
    count === 0
      ? `Nobody of these waits for a decision in hold ${holdId}. Nothing was done.`
      : `In hold ${holdId} this would have ${verdict} what ${count} people are to lose. Nothing was done. To go on, repeat it with that count.`,
    { facts: { count } },
  );

const decidedItem = (item: HeldItem, state: "approved" | "rejected", { intent }: OpenAttempt): HeldItem => {
  const { initiatedBy, reason } = intent.actor;
  return {
    ...item,
    state,
    decided: {
      by: initiatedBy,
      at: intent.startedAt,
      ...(reason !== undefined && { reason }),
      eventId: intent.attemptId,
    },
  };
};
