import type { FailureCode } from "../../model/failure.ts";
import type { AttemptHistory } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** What passes by itself: nobody's refusal. A 401 waits for the integration, and its objects with it. */
const passing: ReadonlySet<FailureCode> = new Set([
  "provider-unavailable",
  "provider-malformed",
  "audit-unavailable",
  "store-unavailable",
  "integration-needs-reauth",
  "attempt-in-progress",
]);

export const isPassing = ({ code, status }: { code: FailureCode; status?: number }): boolean =>
  passing.has(code) || status === 401;

/**
 * When an object is tried again by itself, in Unix ms. A passing failure: Retry-After, else 1 min · 2ⁿ with full jitter, at
 * most 1 h, and 5 min for what ends access. A refusal, or a success that shows something else: once a day, and what ends
 * access after 1 h, doubling to a day. There is no end.
 */
export const nextTry = (
  { clock, random }: Pick<Ports, "clock" | "random">,
  { failures = 1, notBefore, lastError }: AttemptHistory,
  isUrgent: boolean,
): number => {
  const now = clock.now();
  const doubled = 2 ** Math.min(failures - 1, 20);
  if (!lastError || !isPassing(lastError)) {
    const wait = isUrgent ? Math.min(hour * doubled, 24 * hour) : 24 * hour;
    return now + wait;
  }
  const asked = notBefore === undefined ? 0 : Date.parse(notBefore);
  if (asked > now) return asked;
  const most = Math.min(minute * doubled, isUrgent ? 5 * minute : hour);
  return now + Math.max(second, Math.floor(random() * most));
};

/** What is still to be done, and has not failed, is looked at again: soon at first, and less often as time goes by. */
export const nextLook = ({ clock }: Pick<Ports, "clock">, since: number, isUrgent: boolean): number => {
  const now = clock.now();
  return now + Math.min(Math.max(now - since, 5 * second), isUrgent ? 5 * minute : hour);
};
