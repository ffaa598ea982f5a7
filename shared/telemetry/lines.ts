import type { EventType } from "../model/event.ts";
import type { FailureCode } from "../model/failure.ts";

/** `not-done`: no failure was met, e.g. of what was accepted and not carried out yet. */
export type FailedAs = FailureCode | "not-done";

type NoAnswer =
  | "refused"
  | "late"
  | "held"
  | "stopped"
  | "superseded"
  | "unreachable"
  | "unconnected"
  | "stale-socket"
  | "timeout"
  | "reset";

/** Where something went wrong. */
export type Where = { function: string; requestId?: string | undefined; correlationId?: string | undefined };

/**
 * Every line of the log but `failed`, by its message: a closed list, so that nothing of a person, of a path or of a body
 * gets into one. Ids are those that the service makes; the correlation id may be a caller's.
 */
export type Lines = {
  /** A call has its answer. */
  "call-finished": { function: string; requestId: string; correlationId: string; status: number; ms: number };
  /** An event is on record. `ms`, `requests` and `status`, the provider's last, of attempts alone. */
  "event-recorded": {
    correlationId: string;
    eventId: string;
    eventType: EventType;
    success: boolean;
    code?: FailedAs | undefined;
    status?: number | undefined;
    requests?: number | undefined;
    ms?: number | undefined;
    integrationId?: string | undefined;
  };
  /** A request to a service provider is over: `status`, or why there was no answer. */
  "provider-request": {
    correlationId?: string;
    method: string;
    resource: "Users" | "Groups" | "ServiceProviderConfig" | "ResourceTypes" | "Schemas" | "other";
    status?: number;
    failure?: NoAnswer;
    ms: number;
  };
  /** A change of the directory was made due at so many integrations. */
  "change-dispatched": { requestId: string; correlationId?: string; integrations: number };
  /** What was due for one object was carried out, or why not. */
  "work-ended": {
    requestId: string;
    correlationId?: string | undefined;
    integrationId: string;
    outcome: "done" | "failed" | "nothing-sent" | "not-due" | "other";
  };
  /** A worker leaves an integration. */
  "drain-ended": { requestId: string; integrationId: string; done: number; failures: number; ms: number };
  /** An event, or one of the items by which its members find it, is not as it was written, or not there any more. */
  "event-tampered": {
    requestId: string;
    change: "changed" | "removed";
    /** Absent where the key was none of an event. */
    eventId?: string | undefined;
    isReference: boolean;
    /** When, as the stream has it. */
    at?: string | undefined;
  };
  /** The work of each minute is over. */
  "recovery-ended": { requestId: string; settled: number; failures: number; ms: number };
  /** The look of each minute is over, and what it found is told. */
  "watch-ended": { requestId: string; failures: number; ms: number };
};
