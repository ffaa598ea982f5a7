import type { Integration } from "../../model/integration.ts";
import { isSendable } from "../attempts/is-sendable.ts";
import { claimProbe, isProbeDue, noteAnswering } from "../attempts/quarantine.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import type { Ports } from "../ports/ports.ts";
import type { WorkRef } from "../ports/work-index.ts";
import type { Slot } from "../ports/worker-slots.ts";
import { type CarriedOut, carryOutDue } from "./carry-out-due.ts";
import { wakeAll } from "./dispatch-change.ts";
import { isAnythingDue } from "./due-work.ts";
import { type FailureCount, openFailureCount } from "./failure-count.ts";
import { noteTried, probesOf } from "./probe.ts";
import { workInLanes } from "./work-in-lanes.ts";
import { openWorkQueue } from "./work-queue.ts";

/** Objects at a time; one lane is kept for those whose access ends. */
const width = 16;
/** An attempt that begins has this long, at least. */
const reserveMs = 5_000;

/** A slot that its holder does not give back ends so long after the worker's own end. */
const slotMs = 10_000;

export type Drained = { done: number; failures: unknown[] };

/** `until`: Unix ms. `onWork` is told what came of each object that was due. */
type DrainOptions = { until: number; onWork?: (one: CarriedOut) => void };

/**
 * Work on what is due at one integration until nothing is, or until `until`: others are woken for the rest then.
 * Whose access ends goes first. Where the provider has failed, one object is tried as a probe, when that is due, and the rest
 * once it has worked. Nothing is done where enough workers are at it. Safe to run at any time, by several at once, and to be
 * killed at any point: what is due is in the table.
 */
export const drainIntegration = async (
  ports: Ports,
  integrationId: string,
  { until, onWork = () => undefined }: DrainOptions,
): Promise<Drained> => {
  const drained: Drained = { done: 0, failures: [] };
  const slot = await ports.slots.take(integrationId, until + slotMs);
  if (!slot) return drained;
  let isMore = false;
  try {
    isMore = await drainInSlot({ ports, until, drained, slot, onWork }, integrationId);
  } finally {
    await slot.release();
  }
  if (isMore) await wakeAll(ports, [integrationId]);
  return drained;
};

type Shift = { ports: Ports; drained: Drained; slot: Slot } & Required<DrainOptions>;

/** Whether something is due still, and the time is over. */
const drainInSlot = async (shift: Shift, integrationId: string): Promise<boolean> => {
  const { ports, until } = shift;
  let integration = await presentIntegration(ports, integrationId);
  if (integration && isProbeDue(integration, ports)) {
    const count = openFailureCount(ports, integration);
    await probe({ ...shift, count }, integration);
    await count.keep();
    integration = await presentIntegration(ports, integrationId);
  }
  if (!integration || !isSendable(integration)) {
    await shift.slot.lastLook();
    return false;
  }
  const count = openFailureCount(ports, integration);
  await drainDue({ ...shift, count }, integration);
  await count.keep();
  return ports.clock.now() >= until - reserveMs && (await isAnythingDue(ports, integration));
};

type Drain = Shift & { count: FailureCount };

const drainDue = async (drain: Drain, start: Integration): Promise<void> => {
  const { ports, until, drained, count, slot, onWork } = drain;
  let latest = start;
  const queue = openWorkQueue(ports, () => latest);
  const isOver = () => ports.clock.now() >= until - reserveMs || count.isOver();
  const work = async (ref: WorkRef) => {
    try {
      const carriedOut = await carryOutDue(ports, ref, { until });
      latest = carriedOut.integration ?? latest;
      if (carriedOut.verdict !== "not-due") {
        drained.done += 1;
        onWork(carriedOut);
      }
      await noteVerdict(ports, count, carriedOut);
    } catch (error) {
      drained.failures.push(error);
    } finally {
      queue.done(ref);
    }
  };
  const take = (lane: number) => queue.take(lane === 0 ? "urgent" : "any");
  for (let isMore = true; isMore; ) {
    await workInLanes(ports, width, { take, work, isOver });
    isMore = (await slot.lastLook()) && !isOver() && (await queue.isAnythingNew());
  }
};

const noteVerdict = async (ports: Ports, count: FailureCount, carriedOut: CarriedOut): Promise<void> => {
  const { integration, verdict } = carriedOut;
  if (!integration) return;
  if (verdict === "failed") await count.add(carriedOut.failure, carriedOut.reason);
  if (verdict === "done" && count.end()) await noteAnswering({ ports, integration }, true);
};

/** One object, and no more, which no other worker tries as well. */
const probe = async (drain: Drain, integration: Integration): Promise<void> => {
  const { ports, until, drained, count, onWork } = drain;
  const claimed = await claimProbe({ ports, integration });
  if (!claimed) return;
  for (const ref of await probesOf(ports, claimed)) {
    const carriedOut = await carryOutDue(ports, ref, { until, isProbe: true });
    const { verdict } = carriedOut;
    if (verdict === "not-due") continue;
    onWork(carriedOut);
    await noteTried(ports, ref);
    if (verdict === "nothing-sent") continue;
    drained.done += 1;
    if (isAnswered(claimed, carriedOut)) {
      count.end();
      await noteAnswering({ ports, integration: claimed });
    } else if (verdict === "failed") await count.add(carriedOut.failure, carriedOut.reason);
    return;
  }
  // Nothing waits that could tell.
  if (!claimed.standing?.quarantine) await count.forget();
};

/** Whether it was taken, or at least answered otherwise than what the quarantine is for. */
const isAnswered = ({ standing }: Integration, carriedOut: CarriedOut): boolean => {
  if (carriedOut.verdict !== "failed") return carriedOut.verdict === "done";
  const { refusal } = carriedOut.failure;
  const held = standing?.quarantine;
  return held !== undefined && refusal !== undefined && refusal !== held.refusal;
};
