import fc from "fast-check";
import { expect, test } from "vitest";
import { nextBatch, paceOfLimit } from "../../../shared/scim/rate/pacing.ts";
import { createRateBudgets } from "../../../shared/scim/rate/rate-budget.ts";
import type { RateLimit, RateSchedule } from "../../../shared/scim/rate/rate-port.ts";
import { type VirtualClock, virtualClock } from "../../support/virtual-clock.ts";

/** The promise of the port in memory, with a store that takes its time or is down. */
const createSchedule = (time: VirtualClock, delayMs: () => number, isDown: () => boolean): RateSchedule => {
  let next = 0;
  let at: number | undefined;
  let pausedUntil = 0;
  const answer = async () => {
    await time.sleep(delayMs());
    if (isDown()) throw new Error("the store is down");
  };
  return {
    async lease(_, { count, intervalMs, earliest, latest, now }) {
      await answer();
      const first = Math.max(next, earliest);
      const clock = at ?? now;
      if (first > latest) return { nextFree: first, clock, pausedUntil };
      next = first + count * intervalMs;
      at = now;
      await time.sleep(delayMs());
      return { first, clock, pausedUntil };
    },
    async pause(_, until) {
      await answer();
      pausedUntil = Math.max(pausedUntil, until);
    },
  };
};

type Caller = { process: number; startMs: number; thinkMs: number };
type Case = { limit: RateLimit; errors: number[]; callers: Caller[]; delays: number[] };

const cases = fc.record<Case>({
  limit: fc.record({
    perSecond: fc.double({ min: 0.5, max: 200, noNaN: true }),
    burst: fc.integer({ min: 1, max: 50 }),
  }),
  errors: fc.array(fc.integer({ min: -30_000, max: 30_000 }), { minLength: 1, maxLength: 4 }),
  callers: fc.array(
    fc.record({
      process: fc.nat(3),
      startMs: fc.nat(3_000),
      thinkMs: fc.oneof(fc.constant(0), fc.nat(500)),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  delays: fc.array(fc.nat(60), { minLength: 1, maxLength: 5 }),
});

const lastsMs = 12_000;

const carryOut = async ({ limit, errors, callers, delays }: Case, isDown = () => false) => {
  const time = virtualClock();
  const began = time.now();
  let nth = 0;
  const schedule = createSchedule(time, () => delays[nth++ % delays.length] ?? 0, isDown);
  const processes = errors.map((errorMs) => {
    const clock = { now: () => time.now() + errorMs, sleep: time.sleep };
    return { clock, budget: createRateBudgets(schedule, clock)({ integrationId: "i1", version: 1 }, limit) };
  });
  const sent: number[] = [];
  const call = async ({ process, startMs, thinkMs }: Caller) => {
    const { clock, budget } = processes[process % processes.length] ?? {};
    if (!clock || !budget) return;
    await time.sleep(startMs);
    const until = clock.now() + lastsMs - startMs;
    while ((await budget.take(until)) === 0) {
      expect(clock.now()).toBeLessThan(until + 1);
      sent.push(time.now() - began);
      await time.sleep(thinkMs);
    }
  };
  await time.run(Promise.all(callers.map(call)));
  return sent.toSorted((a, b) => a - b);
};

/** The most that any stretch of time got beyond perSecond × its length. */
const excess = (sent: number[], perSecond: number): number => {
  let worst = 0;
  let low = Number.POSITIVE_INFINITY;
  for (const [nth, at] of sent.entries()) {
    low = Math.min(low, nth - (at * perSecond) / 1000);
    worst = Math.max(worst, nth + 1 - (at * perSecond) / 1000 - low);
  }
  return worst;
};

const largestLease = (limit: RateLimit): number =>
  nextBatch({ size: Number.POSITIVE_INFINITY, wasted: 0, usedUp: true }, 0, paceOfLimit(limit));

test("whatever the callers do and the clocks say, a limit is kept as a whole", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const { perSecond, burst } = one.limit;
      const sent = await carryOut(one);
      // A late timer and the time that the store takes to lease a slot do not cost the slot.
      const late = perSecond * 0.22;
      // Each clock ahead of all before begins the schedule anew, once. Who waits in the old one keeps the slot, and each
      // other process what it has leased there: it learns of the new one by its next lease.
      const clocks = new Set(one.errors).size - 1;
      const held = (one.errors.length - 1) * largestLease(one.limit);
      const renewed = clocks === 0 ? 0 : clocks * (burst + late + 1 + held) + one.callers.length;
      expect(excess(sent, perSecond)).toBeLessThanOrEqual(burst + 1.001 + late + renewed);
    }),
    { numRuns: 150 },
  );
});

test("a process that has leased slots when a clock far ahead joins keeps these beside the new schedule", async () => {
  const limit = { perSecond: 1.9379357722065425, burst: 39 };
  const callers = [
    { process: 1, startMs: 0, thinkMs: 0 },
    { process: 0, startMs: 1561, thinkMs: 0 },
  ];
  const sent = await carryOut({ limit, errors: [23_221, 0], callers, delays: [2, 7, 22] });
  const most = 2 * (limit.burst + 1) + largestLease(limit);
  expect(excess(sent, limit.perSecond)).toBeGreaterThan(2 * (limit.burst + 1));
  expect(excess(sent, limit.perSecond)).toBeLessThanOrEqual(most);
});

test("a limit is used as long as there is something to send", async () => {
  const busy = cases.map(
    (one): Case => ({
      ...one,
      errors: [0, 0],
      callers: Array.from({ length: 8 }, (_, at) => ({ process: at, startMs: 0, thinkMs: 0 })),
    }),
  );
  await fc.assert(
    fc.asyncProperty(busy, async (one) => {
      const sent = await carryOut(one);
      // What is leased near the end is meant for later callers.
      const counted = sent.filter((at) => at > 1_000 && at <= 11_000).length;
      expect(counted).toBeGreaterThanOrEqual(Math.floor(0.95 * one.limit.perSecond * 10) - 1);
    }),
    { numRuns: 60 },
  );
});

test("each process keeps the pace alone while the store is down", async () => {
  const callers = Array.from({ length: 6 }, (_, at) => ({ process: at, startMs: 0, thinkMs: 10 }));
  const limit = { perSecond: 10, burst: 2 };
  const sent = await carryOut({ limit, errors: [0, 0], callers, delays: [5] }, () => true);
  expect(sent.length).toBeGreaterThan(0.95 * 2 * limit.perSecond * 12);
  expect(sent.length).toBeLessThanOrEqual(2 * (limit.perSecond * 12 + limit.burst));
});
