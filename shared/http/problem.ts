import { Failure, type FailureCode } from "../model/failure.ts";
import type { Answer } from "./endpoint.ts";

/** The status and title of every failure. The only place with status codes of failures. */
export const problems: Record<FailureCode, { status: number; title: string }> = {
  "malformed-json": { status: 400, title: "The body is not JSON" },
  "invalid-input": { status: 400, title: "The input is not valid" },
  "invalid-cursor": { status: 400, title: "The cursor is not valid" },
  unauthenticated: { status: 401, title: "The caller is not known" },
  forbidden: { status: 403, title: "The caller may not do this" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "The path has no such method" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "not-json": { status: 415, title: "The body is not declared as JSON" },
  "immutable-field": { status: 409, title: "The field cannot be changed" },
  "credentials-required": { status: 409, title: "The change needs credentials" },
  "integration-not-active": { status: 409, title: "The integration is not active" },
  "integration-needs-reauth": { status: 409, title: "The integration needs new credentials" },
  "attempt-in-progress": { status: 409, title: "Another call is working on this" },
  "account-claimed": { status: 409, title: "The account belongs to another user" },
  "plan-stale": { status: 409, title: "The plan holds no longer" },
  "job-in-progress": { status: 409, title: "Another job is under way" },
  "acknowledgement-needed": { status: 409, title: "Reading would change what the service provider manages" },
  "name-taken": { status: 409, title: "The name belongs to another" },
  "token-in-use": { status: 409, title: "The token is in use" },
  "token-limit-reached": { status: 409, title: "The source has two tokens" },
  "deprovisions-held": { status: 409, title: "Too many users would lose access" },
  "target-in-use": { status: 409, title: "Another integration has this tenant" },
  "precondition-failed": { status: 412, title: "The integration has changed" },
  "activation-test-failed": { status: 422, title: "The test of the service provider failed" },
  "update-test-failed": { status: 422, title: "The test of the change failed" },
  "reauth-test-failed": { status: 422, title: "The test of the new credentials failed" },
  "target-refused": { status: 422, title: "The address of the service provider is refused" },
  "different-tenant": { status: 422, title: "The credentials belong to another tenant" },
  "unknown-members": { status: 422, title: "The directory does not know these members" },
  "groups-disabled": { status: 422, title: "The integration has no groups" },
  "mapping-failed": { status: 422, title: "The attributes cannot be mapped" },
  "idempotency-key-reused": { status: 422, title: "The Idempotency-Key was used for another request" },
  internal: { status: 500, title: "Something went wrong inside" },
  "provider-rejected": { status: 502, title: "The service provider refused" },
  "provider-malformed": { status: 502, title: "The service provider's answer cannot be read" },
  "provider-unavailable": { status: 503, title: "The service provider failed, or cannot be reached" },
  "audit-unavailable": { status: 503, title: "The audit trail cannot be written" },
  "store-unavailable": { status: 503, title: "The store cannot be reached" },
};

/** Seconds that Retry-After names where the failure names none. */
const retryAfterSeconds: Partial<Record<FailureCode, number>> = {
  "attempt-in-progress": 5,
  "provider-unavailable": 30,
  "audit-unavailable": 5,
  "store-unavailable": 5,
};

/** What is thrown, as a failure. Anything that is not one is `internal`, and its words stay inside. */
export const asFailure = (error: unknown): Failure =>
  error instanceof Failure
    ? error
    : new Failure(
        "internal",
        "The call failed for a reason inside. The log has it under the correlation id.",
        {
          cause: error,
        },
      );

/** The problem document (RFC 9457) of a failure. */
export const problemAnswer = (failure: Failure, headers: Record<string, string> = {}): Answer => {
  const { status, title } = problems[failure.code];
  const { errors, eventId, correlationId, facts } = failure.extras;
  const wait = failure.extras.retryAfterSeconds ?? retryAfterSeconds[failure.code];
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(wait === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(wait))) }),
      ...headers,
      ...(correlationId === undefined ? {} : { "x-correlation-id": correlationId }),
    },
    body: {
      ...facts,
      type: `urn:usher:problem:${failure.code}`,
      title,
      status,
      detail: failure.detail,
      code: failure.code,
      ...(errors === undefined ? {} : { errors }),
      ...(eventId === undefined ? {} : { eventId }),
    },
  };
};
