import * as z from "zod";
import { directoryUserSchema, groupIdSchema, userIdSchema } from "./directory.ts";
import { dryRunParts } from "./dry-run.ts";
import { integrationSchema } from "./integration.ts";
import { stateSchema } from "./receipt.ts";
import { sourceIdSchema } from "./source.ts";

const ownedBy = { sourceId: sourceIdSchema, externalId: z.string().optional() };
const waitingSchema = z
  .object({ total: z.number().int(), userIds: z.array(z.string()), dropped: z.number().int().optional() })
  .meta({
    description:
      "Members whom the source has named and does not have, the first 20 of them: they join once they are there. `dropped`: so many more were in the latest request that named too many; they have to be sent again once they are there.",
  });
const owner = "The source that owns it: what that says next wins over what calls say.";

const holdingIntegration = z.object({
  integrationId: z.string(),
  state: stateSchema,
  holdId: z.string().optional().meta({ description: "Of one `held`: by which hold." }),
  active: z.boolean().optional(),
  direct: z.boolean(),
  groups: z.array(z.string()).meta({ description: "Bound groups that hold the user." }),
});

/** A directory user as callers read it back, with the integrations that hold the user. */
export const savedUserViewSchema = z
  .object({
    userId: userIdSchema,
    ...directoryUserSchema.shape,
    email: directoryUserSchema.shape.email
      .optional()
      .meta({ description: "A source alone may have left it out." }),
    updatedAt: z.string(),
    deletedAt: z.string().optional().meta({
      description: "Of one who left the directory while something is still to be done in an integration.",
    }),
    lock: z
      .object({ since: z.string(), by: z.string(), reason: z.string() })
      .optional()
      .meta({ description: "Who has shut the user out, whatever the fields say, and why." }),
    source: z
      .object({ ...ownedBy, userName: z.string() })
      .optional()
      .meta({ description: owner }),
    integrations: z.array(holdingIntegration).optional(),
    ...dryRunParts,
  })
  .meta({ id: "SavedUser", description: "A user of the directory, as saved." });
export type SavedUserView = z.infer<typeof savedUserViewSchema>;

/** The bookmarks that a person has. */
export const userApplicationsSchema = z
  .object({
    items: z.array(
      z.object({
        integrationId: z.string(),
        name: z.string(),
        displayLabel: z.string().optional(),
        bookmarkUrl: z.string().optional(),
        active: z.boolean().meta({ description: "Whether the account there is open, as far as is known." }),
      }),
    ),
  })
  .meta({ id: "UserApplications" });
export type UserApplications = z.infer<typeof userApplicationsSchema>;

/** A directory group as callers read it back, with the integrations that it is, or was, bound to. */
export const savedGroupViewSchema = z
  .object({
    groupId: groupIdSchema,
    name: z.string(),
    version: z.number().int(),
    memberCount: z.number().int(),
    updatedAt: z.string(),
    deletedAt: z.string().optional().meta({
      description: "Of one that has ended while something is still to be done in an integration.",
    }),
    saving: z
      .object({ done: z.number().int(), total: z.number().int(), correlationId: z.string().exactOptional() })
      .optional()
      .meta({
        description:
          "A change of members that takes longer than one call: how many are written. It counts once all are, by itself.",
      }),
    source: z
      .object({ ...ownedBy, displayName: z.string(), waiting: waitingSchema.optional() })
      .optional()
      .meta({ description: owner }),
    integrations: z
      .array(z.object({ integrationId: z.string(), state: stateSchema, bound: z.boolean() }))
      .optional(),
    ...dryRunParts,
  })
  .meta({ id: "SavedGroup", description: "A group of the directory, as saved." });
export type SavedGroupView = z.infer<typeof savedGroupViewSchema>;

export const directoryMemberSchema = z
  .object({ userId: userIdSchema, since: z.string() })
  .meta({ id: "DirectoryMember", description: "A member of a directory group." });
export type DirectoryMember = z.infer<typeof directoryMemberSchema>;

/** Answer of an activation. */
export const activatedIntegrationSchema = integrationSchema
  .extend({
    warnings: z.array(z.string()).meta({ description: "What is worth knowing of this service provider." }),
    leftovers: z
      .array(z.string())
      .optional()
      .meta({ description: "What the write test made at the service provider and could not remove." }),
  })
  .meta({ id: "ActivatedIntegration" });
export type ActivatedIntegration = z.infer<typeof activatedIntegrationSchema>;

const connectionCheckSchema = z.object({
  name: z.enum(["secret", "connection", "credentials", "users", "groups"]),
  ok: z.boolean(),
  detail: z
    .string()
    .optional()
    .meta({ description: "Of one that is not ok: what is wrong, and what to do." }),
  ms: z.number(),
});
export type ConnectionCheck = z.infer<typeof connectionCheckSchema>;

/** Answer of `POST …/test`. */
export const connectionTestSchema = z
  .object({
    ok: z.boolean(),
    checks: z.array(connectionCheckSchema).meta({ description: "In order, up to the first that is not ok." }),
  })
  .meta({ id: "ConnectionTest" });
export type ConnectionTest = z.infer<typeof connectionTestSchema>;

const mappingRowSchema = z
  .object({
    target: z.string(),
    label: z.string(),
    source: z.string().optional(),
    constant: z.union([z.string(), z.boolean(), z.number()]).optional(),
    template: z.string().optional(),
    note: z
      .string()
      .optional()
      .meta({ description: "How the value is made, where that is more than the source." }),
    required: z.boolean(),
    origin: z.enum(["default", "integration"]),
    excluded: z.literal(true).optional().meta({ description: "Not sent at all." }),
    value: z.json().optional().meta({ description: "With `userId`: what is sent of this user." }),
    reason: z.string().optional().meta({ description: "With `userId`: why there is no value." }),
  })
  .meta({ id: "MappingRow" });
export type MappingRow = z.infer<typeof mappingRowSchema>;

/** Answer of `GET …/mapping`. */
export const mappingViewSchema = z.object({ rows: z.array(mappingRowSchema) }).meta({ id: "MappingView" });
export type MappingView = z.infer<typeof mappingViewSchema>;
