import type { Intent, Outcome } from "../model/attempt.ts";
import type { AttemptEventType, DirectoryInsightsEvent } from "../model/event.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import { causeOf, membersOf, personOf, resourceOf, wayOf } from "./document-parts.ts";
import { redactChanges, redactText, redactTexts } from "./redact.ts";

/** What becomes of the connection from the user or group to the application. */
const associationOp: Record<AttemptEventType, "add" | "update" | "remove"> = {
  idm_integration_activate: "add",
  idm_integration_update: "update",
  idm_integration_reauth: "update",
  idm_integration_delete: "remove",
  user_create_provision: "add",
  user_update_provision: "update",
  user_deprovision: "remove",
  user_delete_provision: "remove",
  user_lookup_provision: "update",
  group_create_provision: "add",
  group_update_provision: "update",
  group_delete_provision: "remove",
  idm_integration_credential_expiring: "update",
  idm_integration_recovered: "update",
  idm_integration_quarantined: "update",
  idm_integration_hold_approved: "update",
  idm_integration_hold_rejected: "update",
};

/**
 * The Directory Insights event of an attempt. Id, timestamp and expiry come from the intent alone, so the same
 * attempt recorded twice, by its caller and by recovery, is one event. For every input the document holds no value
 * under a secret-like name and stays under 300 KB.
 */
export const buildEvent = (intent: Intent, outcome: Outcome): EventRecord => ({
  event: documentOf(intent, outcome),
  expiresAt: intent.expiresAt,
  ...(outcome.members && { memberUserIds: outcome.members }),
});

const documentOf = (intent: Intent, outcome: Outcome): DirectoryInsightsEvent => {
  const { actor, application } = intent;
  return {
    id: intent.attemptId,
    timestamp: intent.startedAt,
    "@version": "1",
    service: "directory",
    event_type: outcome.eventType,
    organization: redactText(intent.organization),
    success: outcome.success,
    ...(!outcome.success && { error_message: redactText(outcome.errorMessage) }),
    initiated_by: personOf(actor.initiatedBy),
    ...requestOf(intent),
    ...wayOf(actor),
    application: {
      id: redactText(application.id),
      name: redactText(application.name),
      ...(application.displayLabel !== undefined && { display_label: redactText(application.displayLabel) }),
    },
    idm_client_id: redactText(intent.integrationId),
    resource: resourceOf(intent.resource),
    changes: redactChanges(outcome.changes),
    ...membersOf(outcome.members),
    ...associationOf(intent, outcome),
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

/** Users and groups are connected to an application; an integration's own events connect nothing. */
const associationOf = (
  { resource, application }: Intent,
  { eventType }: Outcome,
): Partial<DirectoryInsightsEvent> => {
  if (resource.type === "application") return {};
  const from = { type: resource.type, object_id: redactText(resource.id), name: redactText(resource.name) };
  const to = {
    type: "application",
    object_id: redactText(application.id),
    name: redactText(application.name),
  };
  return { association: { op: associationOp[eventType], connection: { from, to } } };
};

const messageChainOf = ({ answer, notes = [] }: Outcome): DirectoryInsightsEvent["message_chain"] => ({
  ...(answer.status !== undefined && { response_code: answer.status }),
  ...(answer.message !== undefined && { response_message: redactText(answer.message) }),
  message_details: redactTexts([...answer.details, ...notes]),
});
