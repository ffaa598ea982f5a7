import type { Outcome } from "../model/attempt.ts";
import type { Actor, DirectoryInsightsEvent } from "../model/event.ts";
import { redactMembers, redactText } from "./redact.ts";

/** What documents of every kind say in the same way. */

type Person = DirectoryInsightsEvent["initiated_by"];

export const personOf = ({ type, id, email, onBehalfOf }: Actor["initiatedBy"]): Person => ({
  type: redactText(type),
  id: redactText(id),
  ...(email !== undefined && { email: redactText(email) }),
  ...(onBehalfOf !== undefined && { on_behalf_of: redactText(onBehalfOf) }),
});

/** How the caller came. */
export const wayOf = ({
  authMethod,
  clientIp,
  userAgent,
}: Pick<Actor, "authMethod" | "clientIp" | "userAgent">) => ({
  auth_method: redactText(authMethod),
  client_ip: redactText(clientIp),
  useragent: redactText(userAgent),
});

/** What ties the event to others, and why it was asked for. */
export const causeOf = ({ correlation, reason }: Pick<Actor, "correlation" | "reason">) => ({
  correlation: { id: redactText(correlation.id), type: redactText(correlation.type) },
  ...(reason !== undefined && { reason: redactText(reason) }),
});

type Resource = DirectoryInsightsEvent["resource"];

export const resourceOf = ({
  type,
  id,
  name,
}: {
  type: Resource["type"];
  id: string;
  name: string;
}): Resource => ({
  type,
  id: redactText(id),
  [type === "systemuser" ? "username" : "name"]: redactText(name),
});

export const membersOf = (members: Outcome["members"]): Partial<DirectoryInsightsEvent> => {
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
