import type { RateFigures, RateLimit } from "./rate-port.ts";

/**
 * How slots lie in a schedule. `creditMs`: how far in the past they may begin after a rest; `slackMs`: how late one may
 * be used.
 */
export type Pace = { intervalMs: number; creditMs: number; slackMs: number };

/** Requests jitter on their way, and at exactly the limit every second window would get one too many. */
const headroom = 0.98;
/** Windows up to here are told in whole seconds: too coarse to spread what is left of one. */
const shortWindowMs = 2_000;
/** A late timer alone shall not cost a slot: so late at most, and some slots' worth, or at high rates this much. */
const timerSlackMs = { most: 100, least: 30, slots: 2.5 };
/** So much of the schedule one lease takes: nobody else waits longer for it. */
const leaseSpanMs = 250;
const maxBatch = 100;

const paceOf = (intervalMs: number, creditMs: number): Pace => ({
  intervalMs,
  creditMs,
  slackMs: Math.max(
    creditMs,
    Math.min(timerSlackMs.most, Math.max(timerSlackMs.least, intervalMs * timerSlackMs.slots)),
  ),
});

/** The pace of a known limit: no stretch of T seconds gets more than perSecond × T + burst. */
export const paceOfLimit = ({ perSecond, burst }: RateLimit): Pace => {
  const intervalMs = 1000 / (perSecond * headroom);
  return paceOf(intervalMs, Math.max(0, burst - 1) * intervalMs);
};

/**
 * The pace that an answer's figures ask for. Short windows: the limit, evenly, since a burst may fall into one window
 * with what follows. Longer ones: as one likes while half is left, so that a single change is not slowed down; from
 * then on the rest is spread over the rest of the window.
 */
export const paceOfFigures = (
  { limit, remaining, resetsInMs }: RateFigures,
  windowMs: number,
): Pace | undefined => {
  if (limit !== undefined && windowMs <= shortWindowMs)
    return paceOf(paceOfLimit({ perSecond: (limit * 1000) / windowMs, burst: 1 }).intervalMs, 0);
  if (resetsInMs === 0 || (limit !== undefined && remaining > limit / 2)) return undefined;
  return paceOf(resetsInMs / Math.max(remaining, 1), 0);
};

/** Whether nothing may be sent before the window ends. In a short one whole seconds are too coarse to wait for it. */
export const isUsedUp = ({ limit, remaining, resetsInMs }: RateFigures, windowMs: number): boolean =>
  remaining < 1 && (limit === undefined || windowMs > shortWindowMs || resetsInMs < 1_000);

/**
 * The pace after a 429 without figures: two thirds of the one that was kept, since others may share the limit; where
 * none was, half of what this process sent in the second before. Never slower for that than one in two seconds.
 */
export const paceAfterRefusal = (kept: Pace | undefined, sentPerSecond: number): Pace => {
  if (!kept) return paceOfLimit({ perSecond: Math.max(0.5, sentPerSecond / 2), burst: 1 });
  return paceOf(Math.max(kept.intervalMs, Math.min(kept.intervalMs * 1.5, 2_000)), 0);
};

export const slowestOf = (paces: (Pace | undefined)[]): Pace | undefined =>
  paces
    .filter((pace) => pace !== undefined)
    .reduce<Pace | undefined>(
      (a, b) =>
        a === undefined
          ? b
          : {
              intervalMs: Math.max(a.intervalMs, b.intervalMs),
              creditMs: Math.min(a.creditMs, b.creditMs),
              slackMs: Math.min(a.slackMs, b.slackMs),
            },
      undefined,
    );

/**
 * How many slots to lease next: twice as many where the last ones were taken as soon as they could be, half where some
 * were not used in time, and at least one for each caller that waits.
 */
export const nextBatch = (
  last: { size: number; wasted: number; usedUp: boolean },
  waiting: number,
  { intervalMs, creditMs }: Pace,
): number => {
  const wanted = last.wasted > 0 ? Math.floor(last.size / 2) : last.usedUp ? last.size * 2 : last.size;
  const most = Math.floor(Math.max(leaseSpanMs, creditMs / 4) / intervalMs);
  return Math.max(1, Math.min(Math.max(wanted, waiting), most, maxBatch));
};
