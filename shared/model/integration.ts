import * as z from "zod";
import { publicCredentialsSchema } from "./credentials.ts";
import { durationMs, durationSchema } from "./duration.ts";
import { overridesSchema } from "./overrides.ts";
import { capabilitiesSchema, profileSchema } from "./profile.ts";
import { provisioningSchema } from "./provisioning.ts";
import type { Standing } from "./standing.ts";
import { plainText, plainTextHint } from "./text.ts";

export const integrationIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, "not an integration id")
  .meta({ description: "Id of an integration, made by the service." });

const label = z.string().min(1).max(256).regex(plainText, plainTextHint);
const webUrl = z.url({ protocol: /^https?$/ }).max(2048);

export const applicationSchema = z.strictObject({
  name: label.refine((name) => name.trim() !== "", "must not be blank"),
  displayLabel: label.optional(),
  description: z.string().min(1).max(1024).regex(plainText, plainTextHint).optional(),
  bookmarkUrl: webUrl.optional(),
  ssoIdpUrl: webUrl
    .optional()
    .meta({ description: "Set at activation only: another URL needs a new integration." }),
});

const target = z
  .string()
  .min(1)
  .max(512)
  .meta({ description: "A SCIM attribute path, extension URNs included." });
const attributeMappingSchema = z
  .union([
    z.strictObject({ target, source: z.string().min(1).max(256) }),
    z.strictObject({
      target,
      constant: z.union([z.string().max(10_240), z.boolean(), z.number().min(-1e15).max(1e15)]),
    }),
    z.strictObject({ target, template: z.string().min(1).max(2048) }),
    z.strictObject({ target, exclude: z.literal(true) }),
  ])
  .meta({ id: "AttributeMapping" });
export type AttributeMapping = z.infer<typeof attributeMappingSchema>;
export const attributeMappingsSchema = z.array(attributeMappingSchema).max(200);

export const removalSchema = z.enum(["deprovision", "delete", "none"]);
export type Removal = z.infer<typeof removalSchema>;
const people = z.int().min(0).max(10_000);
/** How many people may lose something in an hour without a word. What is left out is as in `defaultGuard`. */
export const guardSchema = z
  .strictObject({
    users: people
      .exactOptional()
      .meta({ description: "So many accounts are free whatever the integration holds." }),
    percent: z
      .number()
      .min(0)
      .max(100)
      .exactOptional()
      .meta({ description: "So many of a hundred accounts that are active there are free." }),
    most: people.exactOptional().meta({ description: "At most so many are free by `percent`." }),
  })
  .meta({
    id: "Guard",
    description:
      "Free in an hour are max(users, min(percent %, most)) accounts, and twice as many people who lose a group alone. 10, 10 and 50 by default.",
  });
export type Guard = { users: number; percent: number; most: number };
const defaultGuard: Guard = { users: 10, percent: 10, most: 50 };

export const policiesSchema = z.strictObject({
  onUserUnassigned: removalSchema.default("deprovision"),
  onUserDeleted: z.enum(["delete", "deprovision"]).default("delete"),
  guard: guardSchema.exactOptional(),
  onGroupDeleted: z.enum(["empty", "unbind", "delete"]).exactOptional().meta({
    description:
      "What becomes of a bound group that ends: `empty` (the default) takes our members out and leaves it; `unbind` leaves it as it is; `delete` deletes it where this service created it and nobody unknown is in it, and empties it otherwise.",
  }),
  deleteAfter: durationSchema.exactOptional().meta({
    description:
      "How long the account of a leaver is kept, closed, before `onUserDeleted: delete` deletes it; `0` by default. Who comes back before keeps it.",
  }),
  unassignedGrace: durationSchema.exactOptional().meta({
    description:
      "How long one whom nothing holds any longer keeps the account, where that came by itself; `1m` by default.",
  }),
  accessOpenAfter: durationSchema.exactOptional().meta({
    description:
      "How long a removal may take before `GET /attention` lists it as `access-open`; `5m` by default. One that failed is listed at once.",
  }),
});
export type Policies = z.infer<typeof policiesSchema>;

/** The limits in effect. Integrations of older versions have saved none. */
export const guardOf = ({ guard }: Policies): Guard => ({
  ...defaultGuard,
  ...guard,
});
/** What holds where an integration says nothing of it. */
export const defaultPolicies = {
  onGroupDeleted: "empty",
  deleteAfter: "0",
  unassignedGrace: "1m",
  accessOpenAfter: "5m",
} as const;

/** In ms. */
export const accessOpenAfter = ({ accessOpenAfter: after = "5m" }: Policies): number => durationMs(after);

export const targetTestSchema = z
  .strictObject({ mode: z.enum(["read", "write"]).default("read"), userEmail: z.email().max(254).optional() })
  .refine(({ mode, userEmail }) => mode === "read" || userEmail !== undefined, {
    path: ["userEmail"],
    message: "is required for a write test",
  })
  .meta({ id: "TargetTest", description: "How the target is tested before anything is kept." });
export type TargetTest = z.infer<typeof targetTestSchema>;

export const integrationStatusSchema = z
  .enum(["active", "paused", "needs_reauth", "quarantined", "deleted"])
  .meta({
    description:
      "The first that holds of `deleted`, `paused` (by a call), `needs_reauth` (the credentials are refused), `quarantined` (the service provider fails whatever is sent), `active`. What is asked for meanwhile is saved and goes on by itself.",
  });
export type IntegrationStatus = z.infer<typeof integrationStatusSchema>;

export const allowSharedTargetSchema = z.boolean().meta({
  description: "Whether another integration may work on the same tenant, too; else 409 target-in-use.",
});

/** What callers see of an integration. The secret is never part of it. */
export const integrationSchema = z
  .object({
    integrationId: integrationIdSchema,
    status: integrationStatusSchema,
    application: applicationSchema,
    profile: profileSchema,
    baseUrl: z.string(),
    overrides: overridesSchema.optional(),
    credentials: publicCredentialsSchema,
    groupsEnabled: z.boolean(),
    attributeMappings: attributeMappingsSchema,
    policies: policiesSchema,
    allowSharedTarget: allowSharedTargetSchema.optional(),
    capabilities: capabilitiesSchema,
    provisioning: provisioningSchema.optional().meta({
      description: "Shown where one integration is read, unless it is deleted.",
    }),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.number().int(),
  })
  .meta({ id: "Integration" });
export type PublicIntegration = z.infer<typeof integrationSchema>;

/** An integration as saved. */
export type Integration = Omit<PublicIntegration, "status"> & {
  /** What a pause and a quarantine leave as it is: see `statusOf`. */
  status: "active" | "needs_reauth" | "deleted";
  /** RFC 3339: since when nothing is to be sent, by a call. */
  pausedAt?: string;
  /** Unix ms: what was to be tried again later, and was marked before, is due. */
  wokenAt?: number;
  /** Unix ms: when what is sent of users was changed last. What was refused, and was marked before, is due. */
  remappedAt?: number;
  standing?: Standing;
  /** The version of the secret that this row trusts; a 401 counts only against this very version. */
  secretVersionId: string;
  /** Origin that the secret was entered for (RFC 6454); it is sent to no other. */
  secretOrigin: string;
  /** Names the tenant: a keyed hash of base URL and secret. Absent in rows that were written before there was one. */
  targetHash?: string;
  /** Grows when the mappings change: what was pushed under an older one may differ. */
  mappingVersion: number;
  /**
   * Until when the service provider wants no request (Retry-After), in Unix ms; in the past for the most part. A change
   * of the integration lifts it.
   */
  pausedUntil?: number;
};

/** The first that holds. */
export const statusOf = ({
  status,
  pausedAt,
  standing,
}: Pick<Integration, "status" | "pausedAt" | "standing">): IntegrationStatus => {
  if (status === "deleted") return status;
  if (pausedAt !== undefined) return "paused";
  if (status === "needs_reauth") return status;
  return standing?.quarantine ? "quarantined" : status;
};
