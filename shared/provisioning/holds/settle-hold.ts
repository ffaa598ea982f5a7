import { Failure } from "../../model/failure.ts";
import type { HeldItem, Hold } from "../../model/hold.ts";
import type { OpenAttempt } from "../../model/link.ts";
import { leaseMs, recordEvent } from "../attempts/run-attempt.ts";
import type { HoldKey } from "../ports/hold-store.ts";
import type { Ports } from "../ports/ports.ts";
import { makeDue } from "./make-due.ts";
import { allItems, tally } from "./tally.ts";

const maxTries = 20;

/** End a decision whose process is gone: what it had decided by then stands, and is told by its event. */
export const settleHold = async (ports: Ports, hold: Hold): Promise<void> => {
  const { attempt } = hold;
  if (!attempt) return;
  const { attemptId } = attempt.intent;
  const now = ports.clock.now();
  const held: OpenAttempt = { ...attempt, leaseUntil: now + leaseMs };
  if (!(await ports.holds.takeOver(hold, attemptId, held.leaseUntil, now))) return;
  const note = "This decision was cut off before it could be recorded. What it had decided by then stands.";
  try {
    await finishDecision(ports, hold, held, [note]);
  } catch (error) {
    await ports.holds.abandon(hold, held).catch(() => undefined);
    throw error;
  }
};

/** What was decided is on record in the items: make it due, write the event, and let the hold stand as it does now. */
export const finishDecision = async (
  ports: Ports,
  { integrationId, holdId }: HoldKey,
  attempt: OpenAttempt,
  notes: string[],
): Promise<void> => {
  const key = { integrationId, holdId };
  const { intent } = attempt;
  const decided = await decidedBy(ports, key, intent.attemptId);
  if (decided.some(({ state }) => state === "approved")) await makeDue(ports, integrationId, decided);
  const count = new Set(decided.map(({ userId }) => userId)).size;
  const { eventType, changes } = intent;
  const about = {
    eventType,
    changes: changes.map((change) => (change.field === "count" ? { ...change, to: count } : change)),
    answer: { details: [] },
    notes,
  };
  const errorMessage = `This decision about hold ${holdId} was cut off before it took effect. Nothing was decided. Repeat the call.`;
  const outcome =
    count > 0 ? { success: true as const, ...about } : { success: false as const, errorMessage, ...about };
  await recordEvent(ports, intent, outcome);
  await endDecision(ports, key, attempt);
};

const decidedBy = async (ports: Ports, key: HoldKey, attemptId: string): Promise<HeldItem[]> => {
  const decided: HeldItem[] = [];
  for await (const items of allItems(ports, key))
    decided.push(...items.filter((item) => item.decided?.eventId === attemptId));
  return decided;
};

const endDecision = async (ports: Ports, key: HoldKey, attempt: OpenAttempt): Promise<void> => {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const hold = await ports.holds.read(key);
    if (hold?.attempt?.intent.attemptId !== attempt.intent.attemptId) return;
    const now = await tally(ports, key);
    if (await ports.holds.settle({ ...key, rev: hold.rev, ...now }, attempt)) return;
    await ports.clock.sleep(5 * tries * ports.random());
  }
  throw new Failure("store-unavailable", `Hold ${key.holdId} keeps changing. Call again.`, {
    retryAfterSeconds: 1,
  });
};
