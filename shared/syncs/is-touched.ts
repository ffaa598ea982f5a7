import type { AttemptHistory, Link } from "../model/link.ts";
import { leaseMs } from "../provisioning/attempts/run-attempt.ts";

/** Whether it may have been written to while, or after, a list was read: then what that shows of it is an old look. */
export const isTouched = (
  { attempt, observed: { lastAttemptAt } }: Link<unknown, AttemptHistory>,
  readAt: number,
): boolean =>
  attempt !== undefined || (lastAttemptAt !== undefined && Date.parse(lastAttemptAt) > readAt - leaseMs);
