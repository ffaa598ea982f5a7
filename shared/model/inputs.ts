import * as z from "zod";
import { credentialsInputSchema } from "./credentials.ts";
import { groupIdSchema, userIdSchema } from "./directory.ts";
import {
  allowSharedTargetSchema,
  applicationSchema,
  attributeMappingsSchema,
  guardSchema,
  policiesSchema,
  removalSchema,
  targetTestSchema,
} from "./integration.ts";
import { overridesSchema } from "./overrides.ts";
import { profileSchema, regionSchema } from "./profile.ts";
import { lineHint, plainName, plainText, plainTextHint } from "./text.ts";

const baseUrl = z
  .string()
  .min(1)
  .max(2048)
  .meta({ description: "https, without user info, query or fragment; the profile's own where it has one." });
const groupsEnabled = z.boolean().optional();
const allowSharedTarget = allowSharedTargetSchema.optional();
const test = targetTestSchema.default({ mode: "read" });

/** Body of `POST /integrations`. */
export const activationInputSchema = z
  .strictObject({
    application: applicationSchema,
    profile: profileSchema.default("generic"),
    overrides: overridesSchema.optional(),
    baseUrl: baseUrl.optional(),
    region: regionSchema.optional(),
    credentials: credentialsInputSchema,
    groupsEnabled: groupsEnabled.meta({ description: "True, unless the profile has no groups." }),
    attributeMappings: attributeMappingsSchema.default([]),
    policies: policiesSchema.prefault({}),
    allowSharedTarget,
    paused: z
      .boolean()
      .optional()
      .meta({ description: "Connected and tested, and nothing is sent until it is resumed." }),
    test,
  })
  .meta({ id: "ActivationInput" });
export type ActivationInput = z.infer<typeof activationInputSchema>;

// Not policiesSchema.partial(): its defaults would fill in, and thereby change, what the caller left alone.
const policiesPatch = z.strictObject({
  onUserUnassigned: removalSchema.optional(),
  onUserDeleted: policiesSchema.shape.onUserDeleted.unwrap().optional(),
  guard: guardSchema.optional().meta({ description: "What is left out of it stays as it is." }),
  onGroupDeleted: policiesSchema.shape.onGroupDeleted,
  deleteAfter: policiesSchema.shape.deleteAfter,
  unassignedGrace: policiesSchema.shape.unassignedGrace,
  accessOpenAfter: policiesSchema.shape.accessOpenAfter,
});

/** Body of `PATCH /integrations/{integrationId}`. `profile` and `ssoIdpUrl` are let in to be refused as immutable. */
export const updateInputSchema = z
  .strictObject({
    application: applicationSchema.omit({ name: true }).optional(),
    profile: profileSchema.optional(),
    baseUrl: baseUrl.optional(),
    credentials: credentialsInputSchema.optional(),
    overrides: overridesSchema
      .optional()
      .meta({ description: "All of them, as they shall be; {} takes them back." }),
    groupsEnabled,
    attributeMappings: attributeMappingsSchema.optional(),
    policies: policiesPatch.optional(),
    allowSharedTarget,
    test,
  })
  .refine((patch) => Object.keys(patch).some((field) => field !== "test"), "change at least one field")
  .meta({ id: "UpdateInput" });
export type UpdateInput = z.infer<typeof updateInputSchema>;

/** Body of `POST /integrations/{integrationId}/reauth`. */
export const reauthInputSchema = z
  .strictObject({ credentials: credentialsInputSchema, allowSharedTarget, test })
  .meta({ id: "ReauthInput" });
export type ReauthInput = z.infer<typeof reauthInputSchema>;

const reason = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .regex(plainText, plainTextHint)
  .meta({ description: "Why, for the audit; e.g. a ticket number." });
/** Body of `POST /users/{userId}/lock`, and of `…/unlock`. */
export const lockInputSchema = z.strictObject({ reason }).meta({ id: "LockInput" });
export const unlockInputSchema = z.strictObject({ reason: reason.optional() }).meta({ id: "UnlockInput" });

/**
 * A repeated id counts once. How many one call takes is checked once that is known: too many are another refusal (413).
 */
const userIds = z
  .array(userIdSchema)
  .overwrite((ids) => [...new Set(ids)])
  .meta({ description: "At most 10,000 in one call, of which a repeated one counts once." });

/** Body of `PUT /groups/{groupId}` and of `PUT …/groups/{groupId}`. */
export const groupInputSchema = z
  .strictObject({
    name: z
      .string()
      .regex(plainName, plainTextHint)
      // Providers compare names without regard to the form, and many compose them.
      .normalize("NFC")
      .trim()
      .min(1)
      .max(256)
      .refine((name) => name.isWellFormed(), lineHint)
      .meta({ description: "Blanks around it are left out, and it is put into Unicode's normal form C." }),
    members: userIds
      .optional()
      .meta({ description: "The whole list, at most 10,000; without it the saved members stay." }),
  })
  .meta({ id: "GroupInput" });
export type GroupInput = z.infer<typeof groupInputSchema>;

/** Body of `POST …/groups/{groupId}/members`. */
export const changeMembersInputSchema = z
  .strictObject({ add: userIds.optional(), remove: userIds.optional() })
  .refine(({ add, remove }) => add !== undefined || remove !== undefined, "give add, remove or both")
  .refine(({ add = [], remove = [] }) => disjoint(add, remove), "a user is in both add and remove")
  .meta({ id: "ChangeMembersInput" });
export type ChangeMembersInput = z.infer<typeof changeMembersInputSchema>;

/** Body of `POST …/retry`. */
export const retryInputSchema = z
  .strictObject({
    states: z
      .array(z.enum(["failed", "retrying", "unconfirmed"]))
      .min(1)
      .optional()
      .meta({ description: "All three where none is given." }),
    code: z.string().max(64).optional().meta({ description: "Those alone whose `lastError` has it." }),
    userIds: userIds.optional(),
    groupIds: z.array(groupIdSchema).max(10_000).optional(),
  })
  .meta({
    id: "RetryInput",
    description: "What is to be tried again now; all that waits where nothing is named.",
  });
export type RetryInput = z.infer<typeof retryInputSchema>;

const disjoint = (some: string[], others: string[]): boolean => {
  const known = new Set(some);
  return !others.some((id) => known.has(id));
};
