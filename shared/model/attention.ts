import * as z from "zod";
import { groupIdSchema, userIdSchema } from "./directory.ts";
import { integrationIdSchema } from "./integration.ts";

/** What needs a person, the worst first. */
export const attentionKinds = [
  "access-open",
  "needs-reauth",
  "quarantined",
  "held",
  "failed",
  "unconfirmed",
  "credentials-expiring",
] as const;
export const attentionKindSchema = z.enum(attentionKinds).meta({
  description:
    "`access-open`: a removal that was asked for is not confirmed, whatever holds it up. `failed`, `unconfirmed`: of everything else that was refused, or shown otherwise.",
});
export type AttentionKind = z.infer<typeof attentionKindSchema>;

export const attentionSchema = z
  .object({
    kind: attentionKindSchema,
    integrationId: integrationIdSchema,
    userId: userIdSchema.optional(),
    groupId: groupIdSchema.optional(),
    holdId: z.string().optional(),
    count: z.number().int().optional().meta({
      description: "How many people it is about, where it is about more than one user, or a group.",
    }),
    since: z.string().meta({ description: "RFC 3339; of `access-open`, when the removal was asked for." }),
    detail: z.string().meta({ description: "What is wrong, and what is done about it, or is to be done." }),
  })
  .meta({ id: "Attention", description: "Something that needs a person." });
export type Attention = z.infer<typeof attentionSchema>;
