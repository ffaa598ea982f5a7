import { pauseMsOf } from "../rate/learned-limits.ts";
import { isNothingLeft, readRateLimit } from "../rate/read-rate-limit.ts";
import { parseRetryAfter } from "../wire/retry-after.ts";
import type { HttpAnswer } from "../wire/transport.ts";

type Headed = Pick<HttpAnswer, "status" | "headers">;

/**
 * A rate limit was met, and the request was not looked at: 429 (RFC 6585 §4), or a 403 that says when to come again or
 * that nothing is left, which GitHub and others send in its place. Any other 403 is a refusal.
 */
export const isRateLimited = ({ status, headers }: Headed): boolean =>
  status === 429 || (status === 403 && (headers["retry-after"] !== undefined || isNothingLeft(headers)));

/** When to come again, in seconds from `now` (Unix ms): as Retry-After says, or a rate limit that was met. */
export const secondsToWait = (answer: Headed, now: number): number | undefined => {
  const said = parseRetryAfter(answer.headers["retry-after"], now);
  if (said !== undefined || !isRateLimited(answer)) return said;
  const figures = readRateLimit(answer.headers, now);
  if (figures) return Math.ceil(pauseMsOf(figures) / 1000);
  return answer.status === 403 ? 1 : undefined;
};
