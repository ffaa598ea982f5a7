import * as z from "zod";
import { directoryUserSchema, userIdSchema } from "./directory.ts";
import { integrationSchema } from "./integration.ts";
import { stateSchema } from "./receipt.ts";

const holdingIntegration = z.object({
  integrationId: z.string(),
  state: stateSchema,
  active: z.boolean().optional(),
  direct: z.boolean(),
  groups: z.array(z.string()).meta({ description: "Bound groups that hold the user." }),
});

/** A directory user as callers read it back, with the integrations that hold the user. */
export const savedUserViewSchema = z
  .object({
    userId: userIdSchema,
    ...directoryUserSchema.shape,
    updatedAt: z.string(),
    deletedAt: z.string().optional().meta({
      description: "Of one who left the directory while something is still to be done in an integration.",
    }),
    integrations: z.array(holdingIntegration).optional(),
  })
  .meta({ id: "SavedUser", description: "A user of the directory, as saved." });
export type SavedUserView = z.infer<typeof savedUserViewSchema>;

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
