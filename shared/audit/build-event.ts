import type { Intent, Outcome } from "../model/attempt.ts";
import type { Actor, DirectoryInsightsEvent, EventType } from "../model/event.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import { redactChanges, redactMembers, redactText, redactTexts } from "./redact.ts";

/** What becomes of the connection from the user or group to the application. */
const associationOp: Record<EventType, "add" | "update" | "remove"> = {
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
    ...(actor.requestedBy && { requested_by: personOf(actor.requestedBy) }),
    ...(actor.requestedAt !== undefined && { requested_at: actor.requestedAt }),
    auth_method: redactText(actor.authMethod),
    client_ip: redactText(actor.clientIp),
    useragent: redactText(actor.userAgent),
    application: {
      id: redactText(application.id),
      name: redactText(application.name),
      ...(application.displayLabel !== undefined && { display_label: redactText(application.displayLabel) }),
    },
    idm_client_id: redactText(intent.integrationId),
    resource: resourceOf(intent),
    changes: redactChanges(outcome.changes),
    ...membersOf(outcome),
    ...associationOf(intent, outcome),
    correlation: { id: redactText(actor.correlation.id), type: redactText(actor.correlation.type) },
    message_chain: messageChainOf(outcome),
    ...(actor.reason !== undefined && { reason: redactText(actor.reason) }),
  };
};

const personOf = ({ type, id, email }: Actor["initiatedBy"]): DirectoryInsightsEvent["initiated_by"] => ({
  type: redactText(type),
  id: redactText(id),
  ...(email !== undefined && { email: redactText(email) }),
});

const resourceOf = ({ resource }: Intent): DirectoryInsightsEvent["resource"] => ({
  type: resource.type,
  id: redactText(resource.id),
  [resource.type === "systemuser" ? "username" : "name"]: redactText(resource.name),
});

const membersOf = ({ members }: Outcome): Partial<DirectoryInsightsEvent> => {
  if (!members) return {};
  const added = redactMembers(members.added);
  const removed = redactMembers(members.removed);
  return {
    members_added: added.shown,
    members_removed: removed.shown,
    ...(added.total !== undefined && { members_added_total: added.total }),
    ...(added.sha256 !== undefined && { members_added_sha256: added.sha256 }),
    ...(removed.total !== undefined && { members_removed_total: removed.total }),
    ...(removed.sha256 !== undefined && { members_removed_sha256: removed.sha256 }),
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
