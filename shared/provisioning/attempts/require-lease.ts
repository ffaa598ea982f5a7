import { Failure } from "../../model/failure.ts";
import type { OpenAttempt } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";

/** Recovery has the attempt by now, or will: it finds out what happened, and records it. */
export const takenOver = (): Failure =>
  new Failure("attempt-in-progress", "Another process has taken this attempt over.", {
    retryAfterSeconds: 5,
  });

/**
 * For the holder of an attempt, before it writes down what it has come to: a process that stood still may be late.
 * @throws Failure `attempt-in-progress` once its lease is over
 */
export const requireLease = (
  { clock }: Pick<Ports, "clock">,
  { leaseUntil }: Pick<OpenAttempt, "leaseUntil">,
): void => {
  if (clock.now() >= leaseUntil) throw takenOver();
};
