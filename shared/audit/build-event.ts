import { associationOf } from "../model/association.ts";
import type { Intent, Outcome } from "../model/attempt.ts";
import type { DirectoryInsightsEvent } from "../model/event.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import { causeOf, membersOf, personOf, resourceOf, wayOf } from "./document-parts.ts";
import { redactChanges, redactText, redactTexts } from "./redact.ts";

/**
 * The Directory Insights event of an attempt. Id, timestamp and expiry come from the intent alone, so the same
 * attempt recorded twice, by its caller and by recovery, is one event. For every input the document holds no value
 * under a secret-like name and stays under 300 KB.
 */
export const buildEvent = (intent: Intent, outcome: Outcome): EventRecord => ({
  event: documentOf(intent, outcome),
  expiresAt: intent.expiresAt,
  ...(outcome.members && { memberUserIds: outcome.members }),
  ...(!outcome.success && outcome.code && { code: outcome.code }),
  ...(outcome.requests !== undefined && { requests: outcome.requests }),
});

const documentOf = (intent: Intent, outcome: Outcome): DirectoryInsightsEvent => {
  const { actor, application } = intent;
  const about = {
    event_type: outcome.eventType,
    resource: resourceOf(intent.resource),
    application: {
      id: redactText(application.id),
      name: redactText(application.name),
      ...(application.displayLabel !== undefined && { display_label: redactText(application.displayLabel) }),
    },
  };
  return {
    id: intent.attemptId,
    timestamp: intent.startedAt,
    "@version": "1",
    service: "directory",
    ...about,
    organization: redactText(intent.organization),
    success: outcome.success,
    ...(!outcome.success && { error_message: redactText(outcome.errorMessage) }),
    initiated_by: personOf(actor.initiatedBy),
    ...requestOf(intent),
    ...wayOf(actor),
    idm_client_id: redactText(intent.integrationId),
    changes: redactChanges(outcome.changes),
    ...membersOf(outcome.members),
    ...membershipsOf(intent, outcome),
    ...associationOf(about),
    message_chain: messageChainOf(outcome),
    ...causeOf(actor),
  };
};

/**
 * Who asked, where another call had saved what this one carries out, and since when; of several changes at once also how
 * many there are.
 */
const requestOf = ({ actor, serves }: Intent): Partial<DirectoryInsightsEvent> => {
  const { initiatedBy, requestedBy, requestedAt } = actor;
  const several = serves && serves.requests > 1 ? serves : undefined;
  if (!requestedBy && !several) return {};
  const since = several?.since ?? requestedAt;
  return {
    requested_by: personOf(requestedBy ?? initiatedBy),
    ...(since !== undefined && { requested_at: since }),
    ...(several && { requests: several.requests }),
  };
};

/** The memberships that end with an account, or come back with it, where that was done. */
const membershipsOf = (
  { memberships = [] }: Intent,
  { success, eventType }: Outcome,
): Partial<DirectoryInsightsEvent> => {
  if (!success || memberships.length === 0) return {};
  const shown = redactTexts(memberships);
  if (eventType === "user_update_provision") return { memberships_restored: shown };
  const isEnd = eventType === "user_deprovision" || eventType === "user_delete_provision";
  return isEnd ? { memberships_ended: shown } : {};
};

const messageChainOf = ({ answer, notes = [] }: Outcome): DirectoryInsightsEvent["message_chain"] => ({
  ...(answer.status !== undefined && { response_code: answer.status }),
  ...(answer.message !== undefined && { response_message: redactText(answer.message) }),
  message_details: redactTexts([...answer.details, ...notes]),
});
