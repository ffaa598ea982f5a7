import type { Saving } from "./directory-change.ts";

/** Every code that a caller can meet. Closed: a new code needs a status in `http/problem.ts` or it does not compile. */
export type FailureCode =
  | "malformed-json"
  | "invalid-input"
  | "invalid-cursor"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "method-not-allowed"
  | "body-too-large"
  | "not-json"
  | "immutable-field"
  | "credentials-required"
  | "integration-not-active"
  | "integration-needs-reauth"
  | "attempt-in-progress"
  | "account-claimed"
  | "deprovisions-held"
  | "target-in-use"
  | "plan-stale"
  | "job-in-progress"
  | "acknowledgement-needed"
  | "name-taken"
  | "token-in-use"
  | "token-limit-reached"
  | "precondition-failed"
  | "activation-test-failed"
  | "update-test-failed"
  | "reauth-test-failed"
  | "target-refused"
  | "different-tenant"
  | "unknown-members"
  | "groups-disabled"
  | "mapping-failed"
  | "idempotency-key-reused"
  | "internal"
  | "provider-rejected"
  | "provider-malformed"
  | "provider-unavailable"
  | "audit-unavailable"
  | "store-unavailable";

export type FieldError = { path: string; message: string };

type FailureExtras = {
  /** Each bad field of the input. */
  errors?: FieldError[];
  /** The Directory Insights event that records the attempt. */
  eventId?: string;
  /** That event's correlation id, which is not the call's own where the call continues what another began. */
  correlationId?: string;
  /** Events of attempts that the same call made before. */
  earlierEventIds?: string[];
  /** Seconds after which the same call may succeed; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  saving?: Saving;
  /** Further members of the problem document, e.g. the count of held deprovisions. */
  facts?: Record<string, string | number | boolean | string[]>;
  /** The inner error, for the log only; never part of an answer. */
  cause?: unknown;
};

/**
 * The one error that use cases throw. `detail` is shown to the caller: it says what happened, to what, and what
 * to do, and never holds a secret, a stack or an inner message.
 */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly detail: string;
  readonly extras: FailureExtras;

  constructor(code: FailureCode, detail: string, extras: FailureExtras = {}) {
    super(`${code}: ${detail}`, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = "Failure";
    this.code = code;
    this.detail = detail;
    this.extras = extras;
  }
}

/** The same failure, tied to the event that records it. */
export const withEvent = (failure: Failure, eventId: string, correlationId?: string): Failure =>
  new Failure(failure.code, failure.detail, {
    ...failure.extras,
    eventId,
    ...(correlationId !== undefined && { correlationId }),
  });

/** The same failure, of a call that has made these attempts before. */
export const withEarlierEvents = (failure: Failure, earlierEventIds: string[]): Failure =>
  earlierEventIds.length === 0
    ? failure
    : new Failure(failure.code, failure.detail, { ...failure.extras, earlierEventIds });

/** `error`, where it is a failure with these events of the same work before its own. */
export const withEventsSoFar = (error: unknown, soFar: string[]): unknown => {
  if (!(error instanceof Failure)) return error;
  const { eventId, earlierEventIds = [] } = error.extras;
  const earlier = new Set([...soFar, ...earlierEventIds]);
  return withEarlierEvents(
    error,
    [...earlier].filter((id) => id !== eventId),
  );
};

/** All events of the call, in order. */
export const eventIdsOf = ({ extras: { earlierEventIds = [], eventId } }: Failure): string[] =>
  eventId === undefined ? earlierEventIds : [...earlierEventIds, eventId];
