import type { Clock } from "../../common/clock.ts";
import { nextBatch, type Pace } from "./pacing.ts";
import type { Lease, RateSchedule, RateSubject } from "./rate-port.ts";

type Wanted = Parameters<RateSchedule["lease"]>[1];

/** A pause that ends so little later is not worth a write. */
const samePauseMs = 250;

/** The slots that this process has leased, in times of the clock that all processes share. */
export const createLeasedSlots = (
  subject: RateSubject,
  schedule: RateSchedule,
  clock: Pick<Clock, "now">,
) => {
  let slots: number[] = [];
  let batch = { size: 1, wasted: 0, lastDue: 0, leasedAt: 0 };
  let waiting = 0;
  let leasing: Promise<number | undefined> | undefined;
  let pausedUntil = 0;
  let nextAlone = 0;
  // Processes follow the fastest clock among them: then no clock can be behind what another leased or paused, and a
  // slot means the same moment to all of them, however wrong it is.
  let ahead = 0;
  const now = (): number => clock.now() + ahead;

  /** Without the store this process goes on by itself, from where it was last. */
  const leaseAlone = ({ count, intervalMs, earliest, now: clockNow }: Wanted): Lease => {
    const first = Math.max(nextAlone, earliest);
    nextAlone = first + count * intervalMs;
    return { first, clock: clockNow, pausedUntil };
  };

  const leaseNow = async (pace: Pace, until: number): Promise<number | undefined> => {
    const startedAt = now();
    const usedUp = startedAt <= Math.max(batch.lastDue, batch.leasedAt) + pace.slackMs;
    const count = nextBatch({ ...batch, usedUp }, waiting, pace);
    // Slots before the end of a pause are void: leased one after the other, they would use up all credit for nothing.
    const earliest = Math.max(startedAt - pace.creditMs, pausedUntil);
    const latest = Math.max(earliest, until + ahead);
    const wanted: Wanted = { count, intervalMs: pace.intervalMs, earliest, latest, now: startedAt };
    const lease = await schedule.lease(subject, wanted).catch(() => leaseAlone(wanted));
    ahead = Math.max(ahead, lease.clock - clock.now());
    pausedUntil = Math.max(pausedUntil, lease.pausedUntil);
    if ("nextFree" in lease) return lease.nextFree;
    slots = Array.from({ length: count }, (_, at) => lease.first + at * pace.intervalMs);
    nextAlone = lease.first + count * pace.intervalMs;
    batch = { size: count, wasted: 0, lastDue: nextAlone - pace.intervalMs, leasedAt: now() };
    return undefined;
  };

  return {
    until: (slot: number): number => Math.ceil(slot - now()),

    /** The next slot that is neither too old nor behind a pause; undefined where none is left. */
    take({ slackMs }: Pace): number | undefined {
      for (;;) {
        const slot = slots.shift();
        if (slot !== undefined && slot < pausedUntil) continue;
        // How long the store took to lease it does not count.
        if (slot === undefined || now() <= Math.max(slot, batch.leasedAt) + slackMs) return slot;
        batch.wasted += 1;
      }
    },

    giveBack(slot: number): void {
      slots.unshift(slot);
    },

    /**
     * Lease further slots, for all callers that wait at the same time. Where there are none in time: how long until the
     * next.
     */
    async lease(pace: Pace, until: number): Promise<number | undefined> {
      waiting += 1;
      try {
        leasing ??= leaseNow(pace, until).finally(() => {
          leasing = undefined;
        });
        const nextFree = await leasing;
        return nextFree === undefined ? undefined : Math.max(1, Math.ceil(nextFree - now()));
      } finally {
        waiting -= 1;
      }
    },

    pausedFor: (): number => Math.max(0, Math.ceil(pausedUntil - now())),

    /** Others were told so. */
    learnPause(until: number): void {
      pausedUntil = Math.max(pausedUntil, until);
    },

    async pause(ms: number): Promise<void> {
      const until = now() + ms;
      if (until <= pausedUntil + samePauseMs) return;
      pausedUntil = until;
      // Where the store does not answer, the others run into a 429 of their own.
      await schedule.pause(subject, until).catch(() => undefined);
    },
  };
};
