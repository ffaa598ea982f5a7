import * as z from "zod";

/** Changes of the directory itself, and of the sources that feed it, which are no integration's. */
export const directoryEventTypes = [
  "user_create",
  "user_update",
  "user_delete",
  "user_lock",
  "user_unlock",
  "group_create",
  "group_update",
  "group_delete",
  "source_create",
  "source_update",
  "source_delete",
] as const;
export type DirectoryEventType = (typeof directoryEventTypes)[number];

/** What an attempt leaves: the twelve types of JumpCloud's "Identity Management" Directory Insights events. */
const madeEventTypes = [
  "idm_integration_activate",
  "idm_integration_update",
  "idm_integration_reauth",
  "idm_integration_delete",
  "user_create_provision",
  "user_update_provision",
  "user_deprovision",
  "user_delete_provision",
  "user_lookup_provision",
  "group_create_provision",
  "group_update_provision",
  "group_delete_provision",
] as const;

/**
 * Beyond the twelve, written as an attempt is, although none was made: what the service itself finds, once a day, or as an
 * integration comes and goes; and what an admin decides.
 */
const foundEventTypes = [
  "idm_integration_credential_expiring",
  "idm_integration_recovered",
  "idm_integration_quarantined",
  "idm_integration_hold_approved",
  "idm_integration_hold_rejected",
] as const;

export const attemptEventTypes = [...madeEventTypes, ...foundEventTypes] as const;
export type AttemptEventType = (typeof attemptEventTypes)[number];

export const eventTypes = [...attemptEventTypes, ...directoryEventTypes] as const;
export const eventTypeSchema = z.enum(eventTypes);
export type EventType = z.infer<typeof eventTypeSchema>;

/** Whether an event of the type tells an attempt to change something at a service provider, or an integration. */
export const isAttempt = (type: EventType): boolean =>
  (madeEventTypes as readonly EventType[]).includes(type);

const change = z.object({ field: z.string(), from: z.json().optional(), to: z.json().optional() });
export type Change = z.infer<typeof change>;

const connectionEnd = z.object({ type: z.string(), object_id: z.string(), name: z.string() });

const person = z.object({
  type: z.string(),
  id: z.string(),
  email: z.string().optional(),
  on_behalf_of: z
    .string()
    .optional()
    .meta({ description: "The caller's On-Behalf-Of: the person for whom a program called." }),
});

/** A Directory Insights event: the document that JumpCloud's Directory Insights API describes. */
export const eventSchema = z
  .object({
    id: z.string(),
    timestamp: z.string().meta({
      description: "RFC 3339, milliseconds, UTC: when the attempt began, or the directory was changed.",
    }),
    "@version": z.literal("1"),
    service: z.literal("directory"),
    event_type: eventTypeSchema,
    organization: z.string(),
    success: z.boolean(),
    error_message: z.string().optional(),
    initiated_by: person,
    requested_by: person.optional().meta({
      description:
        "Who asked for the latest change, where another call had saved it than the one that carries it out, or where it carries out several.",
    }),
    requested_at: z
      .string()
      .optional()
      .meta({ description: "RFC 3339: when the first of the changes was asked for." }),
    requests: z
      .number()
      .int()
      .optional()
      .meta({ description: "How many changes the attempt carries out, where there are more than one." }),
    auth_method: z.string(),
    client_ip: z.string(),
    useragent: z.string(),
    application: z
      .object({ id: z.string(), name: z.string(), display_label: z.string().optional() })
      .optional()
      .meta({ description: "Absent where the directory itself was changed." }),
    idm_client_id: z
      .string()
      .optional()
      .meta({ description: "The integration. Absent where the directory itself was changed." }),
    resource: z.object({
      type: z.enum(["systemuser", "user_group", "application", "source"]),
      id: z.string(),
      username: z.string().optional(),
      name: z.string().optional(),
    }),
    changes: z
      .array(change)
      .meta({ description: "Before and after of what was sent, or saved; never a secret." }),
    members_added: z.array(z.string()).optional(),
    members_removed: z.array(z.string()).optional(),
    members_added_total: z
      .number()
      .int()
      .optional()
      .meta({ description: "Where the list is cut: how many there are." }),
    members_added_sha256: z
      .string()
      .optional()
      .meta({ description: "Where the list is cut: hash of the whole." }),
    members_removed_total: z.number().int().optional(),
    members_removed_sha256: z.string().optional(),
    memberships_ended: z
      .array(z.string())
      .optional()
      .meta({ description: "Groups that the account was in, of which it has nothing any more." }),
    memberships_restored: z
      .array(z.string())
      .optional()
      .meta({ description: "Groups that the account was in when it was closed, and that hold the user." }),
    association: z
      .object({
        op: z.enum(["add", "update", "remove"]),
        connection: z.object({ from: connectionEnd, to: connectionEnd }),
      })
      .optional(),
    correlation: z.object({ id: z.string(), type: z.string() }),
    message_chain: z.object({
      response_code: z.number().int().optional(),
      response_message: z.string().optional(),
      message_details: z.array(z.string()),
    }),
    reason: z.string().optional().meta({ description: "The caller's Change-Reason, e.g. a ticket number." }),
  })
  .meta({ id: "DirectoryInsightsEvent" });
export type DirectoryInsightsEvent = z.infer<typeof eventSchema>;

/** Who does what nobody asked for in a call. */
export const serviceItself = { type: "service", id: "usher" } as const;

/** Who asked, as every event tells it. */
export type Actor = {
  initiatedBy: { type: string; id: string; email?: string; onBehalfOf?: string };
  authMethod: string;
  clientIp: string;
  userAgent: string;
  correlation: { id: string; type: string };
  reason?: string;
  /** Who asked for what this call carries out, and when (RFC 3339), where another call saved it. */
  requestedBy?: Actor["initiatedBy"];
  requestedAt?: string;
};

/** The service itself, which nobody asked in a call. */
export const serviceActor = (correlation: Actor["correlation"]): Actor => ({
  initiatedBy: serviceItself,
  authMethod: "none",
  clientIp: "",
  userAgent: "usher",
  correlation,
});
