import type { AttemptEventType, DirectoryInsightsEvent, EventType } from "./event.ts";

/** What becomes of the connection from the user or group to the application. */
const ops: Record<AttemptEventType, "add" | "update" | "remove"> = {
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

const isOfAttempt = (type: EventType): type is AttemptEventType => Object.hasOwn(ops, type);

/**
 * The `association` of an event, which the rest of its document tells. Users and groups are connected to an application;
 * an integration's own events connect nothing, nor do those of the directory.
 */
export const associationOf = ({
  event_type,
  resource,
  application,
}: Pick<DirectoryInsightsEvent, "event_type" | "resource" | "application">): Pick<
  DirectoryInsightsEvent,
  "association"
> => {
  if (resource.type === "application" || !application || !isOfAttempt(event_type)) return {};
  const name = resource.username ?? resource.name ?? "";
  const from = { type: resource.type, object_id: resource.id, name };
  const to = { type: "application", object_id: application.id, name: application.name };
  return { association: { op: ops[event_type], connection: { from, to } } };
};
