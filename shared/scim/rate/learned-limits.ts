import { isUsedUp, type Pace, paceAfterRefusal, paceOfFigures, paceOfLimit, slowestOf } from "./pacing.ts";
import type { RateFeedback, RateFigures, RateLimit } from "./rate-port.ts";

/** What an answer said holds this long; each further answer says it again. */
const keptMs = 60_000;
/** Where a 429 does not say how long. */
const unsaidPauseMs = 1_000;

/** So long a pause, or a longer one, is not believed: a clock or an arithmetic may be off. It is asked again then. */
const unbelievableMs = 3_600_000;
const pauseInsteadMs = 300_000;

/** How long to send nothing where nothing is left. */
export const pauseMsOf = ({ resetsInMs }: RateFigures): number =>
  resetsInMs >= unbelievableMs ? pauseInsteadMs : resetsInMs;

type Learned = { pace: Pace | undefined; until: number };

/** All that one process knows about the limit of one integration. Times are Unix ms. */
export const createLearnedLimits = () => {
  let configured: Pace | undefined;
  let said: Learned | undefined;
  let refused: Learned | undefined;
  let longestMs = 0;
  let sent = { second: 0, count: 0, before: 0 };

  const countIn = (second: number) => {
    if (second !== sent.second)
      sent = { second, count: 0, before: second === sent.second + 1 ? sent.count : 0 };
    return sent;
  };

  const paceAt = (now: number): Pace | undefined => {
    const learned = [said, refused].map((one) => (one && one.until > now ? one.pace : undefined));
    return slowestOf([configured, ...learned]);
  };

  return {
    configure(limit: RateLimit | undefined): void {
      configured = limit && paceOfLimit(limit);
    },

    noteSent(now: number): void {
      countIn(Math.floor(now / 1000)).count += 1;
    },

    /** Undefined: no limit is known. */
    pace: paceAt,

    /** Takes an answer in, and says for how many ms nobody should send; 0 for going on. */
    learn({ status, figures, retryAfterSeconds }: RateFeedback, now: number, isPaused: boolean): number {
      if (figures) {
        // Windows last whole seconds, while a reset told as a point in time leaves a fraction.
        longestMs = Math.max(longestMs, Math.ceil(figures.resetsInMs / 1000) * 1000);
        const windowMs = figures.windowMs ?? longestMs;
        const pace = paceOfFigures(figures, windowMs);
        said = { pace, until: now + Math.min(keptMs, Math.max(windowMs, 2_000) * 2) };
        if (status !== 429 && isUsedUp(figures, windowMs)) return pauseMsOf(figures);
      }
      if (status !== 429) return 0;
      // Those that were under way at the same time were refused for the same reason: slow down once.
      if (!figures && !isPaused) {
        const { count, before } = countIn(Math.floor(now / 1000));
        const pace = paceAfterRefusal(paceAt(now), Math.max(count, before));
        refused = { pace, until: now + keptMs };
      }
      return retryAfterSeconds === undefined
        ? figures
          ? pauseMsOf(figures)
          : unsaidPauseMs
        : retryAfterSeconds * 1000;
    },
  };
};
