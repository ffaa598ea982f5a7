import * as z from "zod";
import { groupIdSchema, userIdSchema } from "./directory.ts";
import { attributeMappingsSchema, integrationIdSchema } from "./integration.ts";
import { stateSchema } from "./receipt.ts";

const lists = z.record(z.string(), z.number().int());

/** Body of `POST /integrations/{integrationId}/syncs`. */
export const syncInputSchema = z
  .strictObject({
    mode: z.enum(["plan", "apply", "verify"]).meta({
      description:
        "`plan`: what would be sent, and nothing is. `apply`: plan and carry out. `verify`: read what is at the service provider and compare.",
    }),
    repair: z.boolean().optional().meta({ description: "Of `verify`: send again what is wanted." }),
    acknowledgeManaged: z.boolean().optional().meta({
      description: "Of `verify`, where reading marks accounts as managed: that is known, and meant.",
    }),
    whatIf: z
      .strictObject({
        bind: groupIdSchema.optional().meta({ description: "As if that group were bound." }),
        attributeMappings: attributeMappingsSchema
          .optional()
          .meta({ description: "As if these were the mappings." }),
      })
      .optional()
      .meta({ description: "Of `plan`: it shows what would be, and cannot be applied." }),
  })
  .meta({ id: "SyncInput" });
export type SyncInput = z.infer<typeof syncInputSchema>;

export const syncIdSchema = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "not the id of a sync");

export const syncStatusSchema = z.enum(["running", "ready", "applied", "failed", "cancelled"]).meta({
  description:
    "`running`: also while it waits for an integration that is paused. `ready`: a plan that waits to be applied, or a verification that is done. `applied`: an apply, or a repair, that is done.",
});

export const syncSchema = z
  .object({
    syncId: syncIdSchema,
    integrationId: integrationIdSchema,
    mode: z.enum(["plan", "apply", "verify"]),
    status: syncStatusSchema,
    progress: z.object({ done: z.number().int(), total: z.number().int().optional() }),
    counts: lists.meta({
      description:
        "Items, as they are listed: by action or finding, and by state, but for `planned` and `found`. `removals`: people who would lose something, which `apply` has to confirm. Of `verify`, `activeNotShown` and `membersNotShown`: accounts of which the service provider does not show whether they are open, and groups of which it does not show who is in them, so that nobody can tell; `unlisted`: objects that its lists left out.",
    }),
    requestedAt: z.string(),
    finishedAt: z.string().optional(),
    error: z.object({ code: z.string(), detail: z.string() }).optional(),
    lastError: z.object({ code: z.string(), detail: z.string() }).optional().meta({
      description: "While it is `running`: why its next step is being tried again.",
    }),
  })
  .meta({ id: "Sync" });
export type SyncView = z.infer<typeof syncSchema>;

export const syncActions = [
  "created",
  "updated",
  "reactivated",
  "deprovisioned",
  "deleted",
  "added",
  "removed",
] as const;
export const syncActionSchema = z.enum(syncActions);
export type SyncAction = z.infer<typeof syncActionSchema>;

export const findings = [
  "missing",
  "changed",
  "inactive",
  "active",
  "renamed",
  "member-missing",
  "member-extra",
  "unknown",
] as const;
export const findingSchema = z.enum(findings);
export type Finding = z.infer<typeof findingSchema>;

export const notShownSchema = z.array(z.enum(["active", "members"])).meta({
  description:
    "What the service provider does not show of it, so that nobody can tell: whether the account is open, who is in the group.",
});
export type NotShown = z.infer<typeof notShownSchema>;

export const syncItemStates = ["planned", "applied", "stale", "held", "failed", "found", "repaired"] as const;
export const syncItemStateSchema = z.enum(syncItemStates).meta({
  description:
    "`stale`: it would need other requests by now, and nothing was sent. `held`: a hold keeps it, and only who decides that lets it go. `found`: by a verification, and not repaired.",
});

export const syncItemSchema = z
  .object({
    kind: z.enum(["user", "group", "member"]),
    userId: userIdSchema.optional(),
    groupId: groupIdSchema.optional(),
    remoteId: z.string().optional(),
    action: syncActionSchema.optional(),
    changes: z
      .array(z.object({ path: z.string(), from: z.json().optional(), to: z.json().optional() }))
      .optional(),
    finding: findingSchema.optional(),
    path: z.string().optional(),
    expected: z.json().optional(),
    seen: z.json().optional(),
    state: syncItemStateSchema,
    eventId: z.string().optional(),
    error: z.object({ code: z.string(), detail: z.string() }).optional(),
  })
  .meta({ id: "SyncItem", description: "One object, or one membership, that a sync is about." });
export type SyncItem = z.infer<typeof syncItemSchema>;

/** Body of `POST …/syncs/{syncId}/apply`. */
export const applyInputSchema = z
  .strictObject({
    confirm: z.int().min(0).optional().meta({
      description: "`counts.removals` of the plan, where it takes more away than the guard leaves free.",
    }),
  })
  .meta({ id: "ApplyInput" });

/** Body of `POST …/users/{userId}/verify` and `POST …/groups/{groupId}/verify`. */
export const verifyInputSchema = z
  .strictObject({
    repair: z.boolean().optional().meta({ description: "Send again what is wanted." }),
    acknowledgeManaged: z.boolean().optional().meta({
      description: "Where reading marks accounts as managed: that is known, and meant.",
    }),
  })
  .meta({ id: "VerifyInput" });

export const verifiedSchema = z
  .object({
    findings: z.array(syncItemSchema),
    state: stateSchema,
    notShown: notShownSchema.optional(),
  })
  .meta({ id: "Verified", description: "What was found of one object, and how it stands then." });
export type Verified = z.infer<typeof verifiedSchema>;
