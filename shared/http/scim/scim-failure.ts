import { Failure, type FailureCode } from "../../model/failure.ts";
import { ScimError } from "../../scim-server/errors/scim-error.ts";

const takenHere =
  "Another resource of this source has the userName, displayName or externalId. Look it up, and change that one.";

/** What goes wrong, in SCIM's words. Only what is here says why; the rest is `internal`. */
const told: Partial<Record<FailureCode, (failure: Failure) => ScimError>> = {
  // One within the source names the value, which an error does not repeat.
  "name-taken": ({ detail, extras }) =>
    new ScimError(409, extras.facts?.objectId === undefined ? detail : takenHere, "uniqueness"),
  forbidden: ({ detail }) => new ScimError(403, detail),
  "not-found": () => new ScimError(404, "There is no resource of this id."),
  "invalid-cursor": ({ detail }) => new ScimError(400, detail, "invalidCursor"),
  "invalid-input": ({ detail }) => new ScimError(400, detail, "invalidValue"),
  "body-too-large": ({ detail }) => new ScimError(413, detail),
  // A 409 would stop some identity providers for good; all of them send a 503 again.
  "attempt-in-progress": () => new ScimError(503, "Another request is changing the same. Send it again."),
  "store-unavailable": () => new ScimError(503, "The directory takes nothing at the moment. Send it again."),
  "audit-unavailable": () =>
    new ScimError(503, "The audit trail takes nothing at the moment. Send it again."),
};

const usualRetrySeconds = 5;

/** What is thrown, as a SCIM error, with the seconds after which a 503 is worth a repetition. */
export const asScimError = (error: unknown): { error: ScimError; retryAfterSeconds?: number } => {
  if (error instanceof ScimError) return { error };
  const failure = error instanceof Failure ? error : undefined;
  const scim =
    (failure && told[failure.code]?.(failure)) ??
    new ScimError(500, "The request failed for a reason inside. The log has it under the correlation id.");
  if (scim.status !== 503) return { error: scim };
  return {
    error: scim,
    retryAfterSeconds: Math.ceil(failure?.extras.retryAfterSeconds ?? usualRetrySeconds),
  };
};
