import type { DirectoryInsightsEvent, EventType } from "../../model/event.ts";
import type { FailureCode } from "../../model/failure.ts";

/** An event ready to be written, with the users whose membership it changed (uncut, unlike in the document). */
export type EventRecord = {
  event: DirectoryInsightsEvent;
  /** Epoch seconds; from the intent alone, so that writing the same event twice is the same write. */
  expiresAt: number;
  memberUserIds?: { added: string[]; removed: string[] };
  /** For figures and the log alone: how an attempt failed, where that has a code, and how many requests it has sent. */
  code?: FailureCode;
  requests?: number;
};

/** Append-only audit. No obligation to be readable through an index at once. */
export type EventWriter = {
  /**
   * Put the event if it is absent: its key comes from `event.id` and `event.timestamp` alone. Answers the event that is
   * on record now: the very object that was given, or, where one of that id was there already, that one, as it is.
   * References for the member users are written before the event, in the order of their ids: those behind the first `from`,
   * and until `until` (Unix ms), after which it throws ReferencesLeft. Throws where the store does not take it; the caller
   * may repeat the call.
   */
  put(record: EventRecord, within?: { from: number; until: number }): Promise<DirectoryInsightsEvent>;
};

/** The time was over once so many references were written. Nothing tells of the event yet. */
export class ReferencesLeft extends Error {
  readonly written: number;

  constructor(written: number) {
    super("The references of the event take longer.");
    this.name = "ReferencesLeft";
    this.written = written;
  }
}

export type EventQuery = {
  integrationId?: string;
  eventType?: EventType;
  /** Events of this user, and group events that added or removed the user. */
  userId?: string;
  groupId?: string;
  /** `initiated_by.id`. */
  initiatedBy?: string;
  correlationId?: string;
  success?: boolean;
  /** RFC 3339, inclusive. */
  from?: string;
  /** RFC 3339, exclusive. */
  to?: string;
  order: "asc" | "desc";
  limit: number;
  cursor?: string;
};

export type EventReader = {
  /**
   * Newest first by default. Expired events are left out even while the store holds them. Throws Failure
   * `invalid-cursor`.
   */
  query(query: EventQuery): Promise<{ items: DirectoryInsightsEvent[]; nextCursor?: string }>;
  /** Undefined where unknown or expired. */
  get(eventId: string): Promise<DirectoryInsightsEvent | undefined>;
};
