import { isWork, type Rest, sinceOf, type Work } from "../../model/work.ts";
import type { Ports } from "../ports/ports.ts";

/** How long a call may take, in ms: what it leaves is due by itself then. */
export const longestCall = 30_000;

/**
 * The mark of what a call has begun and goes on with itself: it is found should the call die. One that is due before stays
 * as it is.
 */
export const inCaseOfDeath = (
  { clock }: Pick<Ports, "clock">,
  before: Work | undefined,
  urgency: Work["urgency"],
): Work => {
  const now = clock.now();
  const mark = { state: "pending", urgency, since: sinceOf(before, urgency, now), setAt: now } as const;
  return {
    ...mark,
    ...(before?.holdId && { holdId: before.holdId }),
    at: Math.min(now + longestCall, before?.state === "pending" ? before.at : Number.POSITIVE_INFINITY),
  };
};

/** What is still to be done after an attempt is left to the call that made it, for as long as a call may take. */
export const leftToCall = ({ clock }: Pick<Ports, "clock">, work: Work | Rest | null): Work | Rest | null =>
  isWork(work) && work.state === "pending"
    ? { ...work, at: Math.max(work.at, clock.now() + longestCall) }
    : work;
