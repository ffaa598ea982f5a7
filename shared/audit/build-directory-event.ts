import { timesOfAttempt } from "../model/attempt.ts";
import type { Trace, Unrecorded } from "../model/directory-change.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import { causeOf, membersOf, personOf, resourceOf, wayOf } from "./document-parts.ts";
import { redactChanges, redactText } from "./redact.ts";

/** The object, or the source, that was changed, as an event names it. */
type Resource = { type: "systemuser" | "user_group" | "source"; id: string; name: string };

/**
 * The event of a change of the directory. Id, timestamp and expiry come from the mark alone, so that the same change
 * recorded twice is one event. It is no integration's: `application`, `idm_client_id` and `association` are absent.
 */
export const buildDirectoryEvent = (
  resource: Resource,
  { eventId, type, changes = [], members, ...way }: Unrecorded,
  asked: NonNullable<Trace["asked"]>,
  { organization, retentionDays }: { organization: string; retentionDays: number },
): EventRecord => {
  const { startedAt, expiresAt } = timesOfAttempt(eventId, retentionDays);
  return {
    event: {
      id: eventId,
      timestamp: startedAt,
      "@version": "1",
      service: "directory",
      event_type: type,
      organization: redactText(organization),
      success: true,
      initiated_by: personOf(asked.by),
      ...wayOf(way),
      resource: resourceOf(resource),
      changes: redactChanges(changes),
      ...membersOf(members),
      message_chain: { message_details: [] },
      ...causeOf(asked),
    },
    expiresAt,
    ...(members && { memberUserIds: members }),
  };
};
