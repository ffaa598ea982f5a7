import type { Serves } from "./asked.ts";
import type { Actor, AttemptEventType, Change } from "./event.ts";
import type { FailureCode } from "./failure.ts";
import { timeOfUuidV7 } from "./ids.ts";

/** What an attempt is about: a user, a group, or the integration itself (`application`). */
export type AttemptResource = { type: "systemuser" | "user_group" | "application"; id: string; name: string };

/**
 * Written before anything is sent. Together with an outcome it holds all of the event, so recovery can record an orphan
 * as its caller would have recorded it, with the actor who asked.
 */
export type Intent = {
  /** UUID version 7; also the event's id. */
  attemptId: string;
  /** RFC 3339, milliseconds, UTC; also the event's timestamp. The milliseconds of `attemptId`: see `timesOfAttempt`. */
  startedAt: string;
  /** Epoch seconds: the event's expiry. */
  expiresAt: number;
  actor: Actor;
  /** The changes of the directory that it carries out, where it carries out some. */
  serves?: Serves;
  organization: string;
  integrationId: string;
  application: { id: string; name: string; displayLabel?: string };
  resource: AttemptResource;
  /** The type the event has if nothing else becomes known. */
  eventType: AttemptEventType;
  /** What is about to be sent; never a secret. */
  changes: Change[];
  /**
   * Of an account that is to be closed, deleted or opened again: the groups of the integration that it is in, or was in
   * when it was closed.
   */
  memberships?: string[];
  /** How far it may have come: "lookup" = nothing but reads was sent; "write" = a write may have been sent. */
  step: "lookup" | "write";
};

/** The provider's last answer in its own words, for the event's `message_chain`. */
export type LastAnswer = { status?: number; message?: string; details: string[] };

/** What an attempt came to. `members` are user ids and tell what was really changed, after a failure too. */
export type Outcome = {
  eventType: AttemptEventType;
  changes: Change[];
  answer: LastAnswer;
  members?: { added: string[]; removed: string[] };
  /** What a reader of the event should know beyond the provider's words; they join its message details. */
  notes?: string[];
  /** Sent to the service provider, repeats included; absent where nobody counted. */
  requests?: number;
} & ({ success: true } | { success: false; errorMessage: string; code?: FailureCode });

/**
 * An attempt's start and the event's expiry, both from the one clock reading inside the attempt's id, so that the
 * event can be found by its id alone.
 *
 * @throws where `attemptId` is not a UUID version 7
 */
export const timesOfAttempt = (
  attemptId: string,
  retentionDays: number,
): Pick<Intent, "startedAt" | "expiresAt"> => {
  const startedMs = timeOfUuidV7(attemptId);
  if (startedMs === undefined) throw new Error(`not a UUID version 7: ${attemptId}`);
  return {
    startedAt: new Date(startedMs).toISOString(),
    expiresAt: Math.floor(startedMs / 1000) + retentionDays * 86_400,
  };
};
