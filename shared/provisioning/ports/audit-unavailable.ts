import { Failure } from "../../model/failure.ts";

/** What a write that did not succeed is to the caller. What the store refuses, e.g. as too large, stays what it is. */
export const auditUnavailable = (what: string, cause: unknown): Failure =>
  cause instanceof Failure && cause.code !== "store-unavailable"
    ? cause
    : new Failure("audit-unavailable", `The audit store does not answer: ${what}. Repeat the call.`, {
        retryAfterSeconds: 5,
        cause,
      });
