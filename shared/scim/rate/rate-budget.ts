import type { Clock } from "../../common/clock.ts";
import { createLearnedLimits } from "./learned-limits.ts";
import { createLeasedSlots } from "./leased-slots.ts";
import type { Pace } from "./pacing.ts";
import type { OpenRateBudget, RateBudget, RateSchedule } from "./rate-port.ts";

/** The longest wait of further callers for the first answer of a provider whose limit nobody knows. */
const firstAnswerMs = 1_000;

/** Budgets of all integrations of this process. Nothing is asked of the schedule until a limit is known. */
export const createRateBudgets = (
  schedule: RateSchedule,
  clock: Pick<Clock, "now" | "sleep">,
): OpenRateBudget => {
  const opened = new Map<string, { version: number; limits: Limits; slots: Slots; budget: RateBudget }>();
  return (subject, limit, pausedUntil = 0) => {
    const { integrationId, version } = subject;
    let found = opened.get(integrationId);
    if (!found || found.version < version) {
      const limits = found?.limits ?? createLearnedLimits();
      const slots = createLeasedSlots(subject, schedule, clock);
      found = { version, limits, slots, budget: openBudget(limits, slots, clock) };
      opened.set(integrationId, found);
    }
    found.limits.configure(limit);
    found.slots.learnPause(pausedUntil);
    return found.budget;
  };
};

type Limits = ReturnType<typeof createLearnedLimits>;
type Slots = ReturnType<typeof createLeasedSlots>;

const openBudget = (limits: Limits, slots: Slots, clock: Pick<Clock, "now" | "sleep">): RateBudget => {
  const firstAnswer = createFirstAnswer(clock);

  /** False where the wait does not end before `until`. */
  const waited = async (ms: number, until: number): Promise<boolean> => {
    if (clock.now() + ms >= until) return false;
    await clock.sleep(ms);
    return true;
  };

  const takeSlot = async (pace: Pace, until: number, tries: number): Promise<number | "again"> => {
    const slot = slots.take(pace);
    if (slot === undefined) {
      const waitMs = await slots.lease(pace, until);
      return waitMs !== undefined && clock.now() + waitMs >= until ? waitMs : "again";
    }
    const waitMs = slots.until(slot);
    if (waitMs <= 0) return 0;
    if (await waited(waitMs, until)) {
      // A process that stood still would send together what was meant to be apart. Not for ever: it may always be late.
      const isLate = -slots.until(slot) > pace.slackMs && tries < 3;
      // A 429 may have come meanwhile: a slot before the end of a pause is void.
      return isLate || slots.pausedFor() > 0 ? "again" : 0;
    }
    slots.giveBack(slot);
    return waitMs;
  };

  const step = async (until: number, tries: number): Promise<number | "again"> => {
    if (clock.now() >= until) return 1;
    const pausedMs = slots.pausedFor();
    if (pausedMs > 0) return (await waited(pausedMs, until)) ? "again" : pausedMs;
    const pace = limits.pace(clock.now());
    return pace ? await takeSlot(pace, until, tries) : 0;
  };

  return {
    async take(until) {
      if (!limits.pace(clock.now())) await firstAnswer.turn();
      for (let tries = 1; ; tries += 1) {
        const result = await step(until, tries);
        if (result === "again") continue;
        if (result === 0) limits.noteSent(clock.now());
        return result;
      }
    },

    async noteAnswer(answer) {
      firstAnswer.end();
      const pauseMs = limits.learn(answer, clock.now(), slots.pausedFor() > 0);
      if (pauseMs > 0) await slots.pause(pauseMs);
    },
  };
};

/**
 * Where no limit is known, the first request goes alone: its answer may name one, which a crowd would have broken
 * before.
 */
const createFirstAnswer = ({ sleep }: Pick<Clock, "sleep">) => {
  const first = Promise.withResolvers<void>();
  let state: "unasked" | "asked" | "answered" = "unasked";
  return {
    async turn(): Promise<void> {
      if (state === "asked") await Promise.race([first.promise, sleep(firstAnswerMs)]);
      if (state === "unasked") state = "asked";
    },
    end(): void {
      state = "answered";
      first.resolve();
    },
  };
};
