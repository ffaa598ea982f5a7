import type { Context } from "aws-lambda";
import { workInTime } from "../common/within-time.ts";
import { Failure } from "../model/failure.ts";
import type { HttpEvent, HttpResult } from "./invocation.ts";

/**
 * No request to a provider is under way any longer then. What is left is recorded and answered within 25 s of the call,
 * well before the gateway gives up after 30 s.
 */
const answerWithinMs = 24_500;
/** Before Lambda stops the function, which is after 29 s: time to answer with what went wrong. */
const stopEarlyMs = 1_000;
/** Of a call that has said what is true of it should it be late: it is answered for after 25 s. */
const lateEarlyMs = 4_000;
/** A table that takes nothing at the moment is waited for until so long before that: time to record what is known, and answer. */
export const withoutWaitMs = 1_000;

type Serve = (event: HttpEvent, context: Context) => Promise<HttpResult>;

/** Answers for what has not answered in time, which is left where it is, as after a kill. */
export const inTime =
  (serve: Serve, late?: (known: unknown) => HttpResult): Serve =>
  async (event, context) => {
    const work = workInTime();
    const timers: NodeJS.Timeout[] = [];
    const before = (earlyMs: number, act: () => void) => {
      const remainingMs = context.getRemainingTimeInMillis?.();
      if (remainingMs !== undefined) timers.push(setTimeout(act, Math.max(0, remainingMs - earlyMs)));
    };
    const tooLate = new Promise<HttpResult>((answer, refuse) => {
      const answerLate = () => {
        if (late && work?.late !== undefined) answer(late(work.late));
      };
      if (late) before(lateEarlyMs, answerLate);
      before(stopEarlyMs, () => refuse(tookTooLong()));
    });
    try {
      return await Promise.race([serve(event, context), tooLate]);
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  };

/** 24.5 s from now, but 2 s before Lambda's own end where that comes first. */
export const deadlineOf = (context: Context): number => {
  const remainingMs = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  return Date.now() + Math.min(answerWithinMs, Math.max(0, remainingMs - 2_000));
};

const tookTooLong = (): Failure =>
  new Failure(
    "store-unavailable",
    "The call took too long and was given up. What it began is on record and is settled within minutes.",
    { retryAfterSeconds: 60 },
  );
