/** What a provider allows: requests a second in the long run, and how many at once after a rest. */
export type RateLimit = { perSecond: number; burst: number };

/** What a provider's answer says about its limit. */
export type RateFigures = {
  /** Requests in one window, where it is told. */
  limit?: number;
  /** Requests left in this window. */
  remaining: number;
  /** From now to the next window. */
  resetsInMs: number;
  /** Length of a window, where it is told. */
  windowMs?: number;
};

/** An answer as far as pace goes: all undefined where none came. */
export type RateFeedback = {
  status?: number | undefined;
  figures?: RateFigures | undefined;
  retryAfterSeconds?: number | undefined;
};

/** The pace of the requests to one integration, kept by all processes together. */
export type RateBudget = {
  /**
   * Waits until one request may be sent, and answers 0. Where that moment is not before `until` (Unix ms), answers at
   * once in how many ms it is, and nothing is spent. Never throws: while the store does not answer, this process
   * keeps the pace alone.
   */
  take(until: number): Promise<number>;
  /** To be told after every request, also one that got no answer. Never throws. */
  noteAnswer(answer: RateFeedback): Promise<void>;
};

/** An integration as it is since its last change. What paused it before counts no longer. */
export type RateSubject = { integrationId: string; version: number };

/**
 * The budget of an integration; one per process, however often it is opened. `limit` as the profile says;
 * `pausedUntil` as the integration's row tells it. A change of the integration lifts a pause: its schedule begins anew.
 */
export type OpenRateBudget = (
  subject: RateSubject,
  limit: RateLimit | undefined,
  pausedUntil?: number,
) => RateBudget;

/** Times of the shared clock: ms, close to Unix time, never behind any process that takes part. */
export type Lease =
  /**
   * Slots at `first`, `first + intervalMs` …: no other process gets the same. `clock` is what the last to lease took
   * for the time.
   */
  | { first: number; clock: number; pausedUntil: number }
  /** The next slot is at `nextFree`, which is not before `latest`; nothing was leased. */
  | { nextFree: number; clock: number; pausedUntil: number };

/** The one schedule of each version of an integration, from which processes lease slots. */
export type RateSchedule = {
  /**
   * Lease the next `count` slots, the first of them no earlier than `earliest`, nor later than `latest`. One write; a
   * second where the schedule had fallen behind. `now`: what this process takes for the time.
   * @throws Failure `store-unavailable`
   */
  lease(
    subject: RateSubject,
    wanted: { count: number; intervalMs: number; earliest: number; latest: number; now: number },
  ): Promise<Lease>;
  /**
   * No slot is to be used before `until`; a later end that is there already stays. The integration's row, where it has
   * that version still, tells it to processes that lease none. @throws Failure `store-unavailable`
   */
  pause(subject: RateSubject, until: number): Promise<void>;
};
