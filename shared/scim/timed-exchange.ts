import type { RateBudget } from "../provisioning/ports/rate-budget.ts";
import { readRateLimit } from "./read-rate-limit.ts";
import type { RetryClock } from "./retry.ts";
import { parseRetryAfter } from "./retry-after.ts";
import type { Exchange, HttpAnswer, HttpRequest } from "./transport.ts";
import { TransportFailure } from "./transport-failure.ts";

/** `sendUntil`: no request begins at or after it. `answerUntil`: one under way is cut there. Unix ms. */
export type Limits = { sendUntil: number; answerUntil: number };

export type TimedExchange = {
  /** One request within the times, and within `longestMs`. */
  send(request: Omit<HttpRequest, "timeoutMs">, longestMs: number): Promise<HttpAnswer>;
  /** The same, once the budget has room for it; what the answer says of the rate limit goes back to the budget. */
  sendWithinBudget: TimedExchange["send"];
  /** Requests that left this machine. */
  count(): number;
};

/** What bounds and counts the requests of one attempt. */
export const createTimedExchange = (
  limits: Limits,
  {
    clock,
    exchange,
    userAgent,
    budget,
  }: { clock: RetryClock; exchange: Exchange; userAgent: string | undefined; budget: RateBudget | undefined },
): TimedExchange => {
  let count = 0;
  const checkTime = (): void => {
    if (clock.now() >= limits.sendUntil) throw new TransportFailure("late", "The time of the call was over");
  };

  const send: TimedExchange["send"] = async (request, longestMs) => {
    // For the way behind a redirect; the first request of a call is held back before.
    checkTime();
    const timeoutMs = Math.max(1, Math.min(longestMs, limits.answerUntil - clock.now()));
    const headers = { ...(userAgent && { "User-Agent": userAgent }), ...request.headers };
    count += 1;
    try {
      return await exchange({ ...request, headers, timeoutMs });
    } catch (error) {
      if (error instanceof TransportFailure && error.trouble === "refused") count -= 1;
      throw error;
    }
  };

  const sendWithinBudget: TimedExchange["send"] = async (request, longestMs) => {
    if (!budget) return send(request, longestMs);
    checkTime();
    const waitMs = await budget.take(limits.sendUntil);
    if (waitMs > 0) throw new TransportFailure("held", heldBack, Math.ceil(waitMs / 1000));
    let answer: HttpAnswer | undefined;
    try {
      answer = await send(request, longestMs);
      return answer;
    } finally {
      await budget.heard(answer ? heardIn(answer, clock.now()) : {});
    }
  };

  return { send, sendWithinBudget, count: () => count };
};

const heldBack = "no request fits into the service provider's rate limit within the time of this call";

const heardIn = ({ status, headers }: HttpAnswer, now: number) => ({
  status,
  figures: readRateLimit(headers, now),
  retryAfterSeconds: parseRetryAfter(headers["retry-after"], now),
});
