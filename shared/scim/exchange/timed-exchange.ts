import type { Clock } from "../../common/clock.ts";
import type { SendingLimits } from "../../provisioning/ports/service-provider.ts";
import type { RateBudget } from "../rate/rate-port.ts";
import { readRateLimit } from "../rate/read-rate-limit.ts";
import { parseRetryAfter } from "../wire/retry-after.ts";
import type { Exchange, HttpAnswer, HttpRequest } from "../wire/transport.ts";
import { TransportFailure } from "../wire/transport-failure.ts";
import { isRateLimited } from "./rate-limited.ts";

/** `sendUntil`: no request begins at or after it. `answerUntil`: one under way is cut there. Unix ms. */
export type Limits = SendingLimits;

/** After so long without a request, something newer may have been asked for. */
const longWaitMs = 1_000;

type TimedExchange = {
  /** One request within the times, and within `longestMs`. */
  send(request: Omit<HttpRequest, "timeoutMs">, longestMs: number): Promise<HttpAnswer>;
  /** The same, once the budget has room for it; what the answer says of the rate limit goes back to the budget. */
  sendWithinBudget: TimedExchange["send"];
  /** Requests that left this machine. */
  count(): number;
};

type TimedOptions = {
  clock: Clock;
  exchange: Exchange;
  userAgent: string | undefined;
  budget: RateBudget | undefined;
  /** Asked before each request: whether the credentials were refused to any attempt of this process. */
  isStopped: () => boolean;
};

/** What bounds and counts the requests of one attempt. */
export const createTimedExchange = (
  limits: Limits,
  { clock, exchange, userAgent, budget, isStopped }: TimedOptions,
): TimedExchange => {
  let count = 0;
  let idleSince = clock.now();
  let hasWaited = false;
  const checkMayBegin = (): void => {
    if (clock.now() >= limits.sendUntil) throw new TransportFailure("late", "The time of the call was over");
    if (isStopped()) throw new TransportFailure("stopped", stopped);
  };

  /** Reads may follow a wait before the write that has waited. */
  const checkWanted = async (method: HttpRequest["method"]): Promise<void> => {
    hasWaited ||= clock.now() - idleSince >= longWaitMs;
    if (!hasWaited || method === "GET" || !limits.isWanted) return;
    if (!(await limits.isWanted())) throw new TransportFailure("superseded", superseded);
    hasWaited = false;
  };

  const send: TimedExchange["send"] = async (request, longestMs) => {
    // Redirects, repeated requests and waits for the budget take time, in which this may have changed.
    checkMayBegin();
    const timeoutMs = Math.max(1, Math.min(longestMs, limits.answerUntil - clock.now()));
    const headers = { ...(userAgent && { "User-Agent": userAgent }), ...request.headers };
    count += 1;
    try {
      return await exchange({ ...request, headers, timeoutMs });
    } catch (error) {
      if (error instanceof TransportFailure && error.reason === "refused") count -= 1;
      throw error;
    } finally {
      idleSince = clock.now();
    }
  };

  const sendWithinBudget: TimedExchange["send"] = async (request, longestMs) => {
    checkMayBegin();
    const waitMs = (await budget?.take(limits.sendUntil)) ?? 0;
    if (waitMs > 0) throw new TransportFailure("held", heldBack, Math.ceil(waitMs / 1000));
    await checkWanted(request.method);
    if (!budget) return send(request, longestMs);
    let answer: HttpAnswer | undefined;
    try {
      answer = await send(request, longestMs);
      return answer;
    } finally {
      await budget.noteAnswer(answer ? feedbackIn(answer, clock.now()) : {});
    }
  };

  return { send, sendWithinBudget, count: () => count };
};

const stopped = "refused these credentials before, and nothing was sent";
const superseded = "Given up while it waited, since something newer was asked for meanwhile";
const heldBack = "no request fits into the service provider's rate limit within the time of this call";

const feedbackIn = (answer: HttpAnswer, now: number) => ({
  status: isRateLimited(answer) ? 429 : answer.status,
  figures: readRateLimit(answer.headers, now),
  retryAfterSeconds: parseRetryAfter(answer.headers["retry-after"], now),
});
