import { Failure } from "../../model/failure.ts";
import { isSendable } from "../attempts/is-sendable.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import type { WorkRef } from "../ports/work-index.ts";
import { carryOutGroup, carryOutUser } from "./carry-out.ts";
import { reschedule } from "./reschedule.ts";
import { openWorkQueue, type WorkQueue } from "./work-queue.ts";

/** Objects at a time; one lane is kept for those whose access ends. */
const width = 16;
const idleMs = 50;
/** An attempt that begins has this long, at least. */
const reserveMs = 5_000;

export type Drained = { done: number; failures: unknown[] };

/**
 * Work on what is due at one integration until nothing is, or until `until` (Unix ms). Whose access ends goes first. Safe to
 * run at any time, by several at once, and to be killed at any point: what is due is in the table.
 */
export const drainIntegration = async (
  ports: Ports,
  integrationId: string,
  { until }: { until: number },
): Promise<Drained> => {
  const drained: Drained = { done: 0, failures: [] };
  const queue = openWorkQueue(ports, integrationId);
  let resting = 0;
  const isOver = () => resting === width || ports.clock.now() >= until - reserveMs;
  const lane = async (kind: "urgent" | "any") => {
    while (!isOver()) {
      const ref = await queue.take(kind);
      if (ref) {
        await carryOut(ports, queue, ref, { until, drained });
        continue;
      }
      // No lane leaves before the others: what comes meanwhile would find one alone.
      resting += 1;
      if (!isOver()) await ports.clock.sleep(idleMs);
      if (!isOver()) resting -= 1;
    }
  };
  await Promise.all(Array.from({ length: width }, (_, at) => lane(at === 0 ? "urgent" : "any")));
  return drained;
};

const carryOut = async (
  ports: Ports,
  queue: WorkQueue,
  ref: WorkRef,
  { until, drained }: { until: number; drained: Drained },
): Promise<void> => {
  try {
    if (await carryOutDue(ports, ref, until)) drained.done += 1;
  } catch (error) {
    drained.failures.push(error);
  } finally {
    queue.done(ref);
  }
};

/** The index is a hint: the link says what is due. */
const carryOutDue = async (ports: Ports, ref: WorkRef, until: number): Promise<boolean> => {
  const { kind, key } = ref;
  const integration = await presentIntegration(ports, key.integrationId);
  if (!integration || !isSendable(integration)) return false;
  const link = await (kind === "user" ? ports.userLinks : ports.groupLinks).read(key);
  if (!link?.work || link.work.state === "held" || link.work.at > ports.clock.now()) return false;
  const context: IntegrationContext = { ports, integration };
  try {
    if (await (kind === "user" ? carryOutUser : carryOutGroup)(context, key.id, until)) return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
  await reschedule(context, ref);
  return true;
};
