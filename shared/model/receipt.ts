import * as z from "zod";
import { dryRunParts } from "./dry-run.ts";

const actionSchema = z.enum([
  "created",
  "adopted",
  "updated",
  "reactivated",
  "unchanged",
  "deprovisioned",
  "deleted",
  "skipped",
]);
export type Action = z.infer<typeof actionSchema>;

export const stateSchema = z
  .enum([
    "in_sync",
    "skipped",
    "pending",
    "retrying",
    "unconfirmed",
    "failed",
    "held",
    "deprovisioned",
    "deleted",
  ])
  .meta({
    description:
      "`pending`: waits for its turn. `retrying`: failed for a reason that passes, and is tried again by itself. `failed`: refused. `skipped`: nothing is at the service provider, and nothing is to be made yet. `unconfirmed`: it answered with success and shows something else. `held`: the guard keeps it until somebody approves the hold.",
  });
export type State = z.infer<typeof stateSchema>;
/** Whether this is how a removal ends. */
export const isRemovalDone = (state: State): boolean => state === "deprovisioned" || state === "deleted";
export const desiredSchema = z.enum(["active", "inactive", "absent"]);
export type Desired = z.infer<typeof desiredSchema>;

const memberFailure = z.object({ userId: z.string(), code: z.string(), detail: z.string() });
export type MemberFailure = z.infer<typeof memberFailure>;

const memberCounts = z.object({
  added: z.number().int(),
  removed: z.number().int(),
  pending: z.array(z.string()).meta({ description: "Members that wait; the first 100." }),
  pendingTotal: z.number().int().meta({ description: "How many members wait." }),
  failed: z
    .array(memberFailure)
    .optional()
    .meta({ description: "Users whose account could not be made or changed, and why; the first 100." }),
  failedTotal: z.number().int().optional(),
});

const holdId = z.string().optional().meta({ description: "Of one `held`: by which hold." });
const lastError = z.object({ code: z.string(), detail: z.string(), status: z.number().int().optional() });

const receiptParts = {
  integrationId: z.string(),
  action: actionSchema,
  state: stateSchema,
  reason: z.string().optional().meta({ description: "Why nothing was done, or what is still to do." }),
  remoteId: z.string().optional(),
  active: z.boolean().optional(),
  holdId,
  eventIds: z.array(z.string()),
  lastError: lastError.optional().meta({ description: "Why the call could not finish what it has saved." }),
  nextAttemptAt: z
    .string()
    .optional()
    .meta({ description: "RFC 3339: when it is tried again by itself, or a call may go on." }),
  correlationId: z.string().optional().meta({
    description:
      "Where the call continued what another had begun: the correlation of that, which its events carry.",
  }),
};
/** What one provisioning call did. `pending` and `retrying` go on by themselves; the same call again continues at once. */
export const userReceiptSchema = z
  .object({ userId: z.string(), ...receiptParts, ...dryRunParts })
  .meta({ id: "UserReceipt" });
export type UserReceipt = z.infer<typeof userReceiptSchema>;
export const groupReceiptSchema = z
  .object({
    groupId: z.string(),
    ...receiptParts,
    members: memberCounts.optional(),
    ...dryRunParts,
  })
  .meta({ id: "GroupReceipt" });
export type GroupReceipt = z.infer<typeof groupReceiptSchema>;

/** By path. A value that is not there is null. */
const shownOtherwise = {
  expected: z
    .record(z.string(), z.json())
    .optional()
    .meta({ description: "Of one `unconfirmed`: what was sent, by path." }),
  seen: z
    .record(z.string(), z.json())
    .optional()
    .meta({ description: "Of one `unconfirmed`: what the service provider shows instead, by path." }),
  foundAt: z
    .string()
    .optional()
    .meta({ description: "Of one `unconfirmed`: when a verification found it so. Nothing was sent since." }),
};

const statusParts = {
  integrationId: z.string(),
  state: stateSchema,
  desired: desiredSchema,
  remoteId: z.string().optional(),
  active: z.boolean().optional(),
  since: z.string().optional(),
  lastAttemptAt: z.string().optional(),
  lastSuccessAt: z.string().optional(),
  lastEventId: z.string().optional(),
  lastError: lastError.optional(),
  ...shownOtherwise,
  attempts: z.number().int(),
  nextAttemptAt: z
    .string()
    .optional()
    .meta({ description: "RFC 3339: when the service tries again by itself." }),
  reason: z.string().optional().meta({ description: "Of one `skipped`: why nothing is to be made yet." }),
  holdId,
};
export const userStatusSchema = z
  .object({
    userId: z.string(),
    assigned: z.object({
      direct: z.boolean(),
      groups: z.array(z.string()),
      excluded: z
        .object({ since: z.string().optional(), by: z.string().optional(), reason: z.string().optional() })
        .optional()
        .meta({
          description:
            "Who has taken the user out, whatever groups hold them, when and why. Empty for one taken out by an earlier version.",
        }),
    }),
    deleteFrom: z.string().optional().meta({
      description: "Of a leaver whose account is kept for a while: when it is deleted.",
    }),
    waitsFor: z.array(z.string()).optional().meta({
      description:
        "Of one `in_sync`: users who have no account there yet, e.g. the manager. It is looked at again after an hour, doubling to a day.",
    }),
    outdated: z.literal(true).optional().meta({
      description:
        "Of one `in_sync`: the mapping has changed since. What differs goes with the next change of the user, or with a PUT.",
    }),
    ...statusParts,
  })
  .meta({ id: "UserStatus", description: "Provisioning status of a user in an integration." });
export type UserStatus = z.infer<typeof userStatusSchema>;
export const groupStatusSchema = z
  .object({ groupId: z.string(), name: z.string(), bound: z.boolean(), ...statusParts })
  .meta({ id: "GroupStatus", description: "Provisioning status of a group in an integration." });
export type GroupStatus = z.infer<typeof groupStatusSchema>;

export const memberStatusSchema = z
  .object({
    userId: z.string(),
    state: z.enum(["pushed", "pending"]),
    since: z.string(),
    by: z.string().optional(),
    eventId: z.string().optional(),
  })
  .meta({ id: "MemberStatus" });
export type MemberStatus = z.infer<typeof memberStatusSchema>;

/** What a call that concerns every integration has done in one of them. */
const integrationReceipt = z.object({
  integrationId: z.string(),
  action: actionSchema,
  state: stateSchema,
  reason: z.string().optional(),
  holdId,
  eventIds: z.array(z.string()),
});
export type IntegrationReceipt = z.infer<typeof integrationReceipt>;
export const leaverReceiptSchema = z
  .object({ userId: z.string(), receipts: z.array(integrationReceipt), ...dryRunParts })
  .meta({ id: "LeaverReceipt" });
export type LeaverReceipt = z.infer<typeof leaverReceiptSchema>;
export const endedGroupReceiptSchema = z
  .object({ groupId: z.string(), receipts: z.array(integrationReceipt), ...dryRunParts })
  .meta({ id: "EndedGroupReceipt" });
export type EndedGroupReceipt = z.infer<typeof endedGroupReceiptSchema>;
