import * as z from "zod";
import { userIdSchema } from "./directory.ts";
import type { OpenAttempt } from "./link.ts";
import { desiredSchema } from "./receipt.ts";

export const holdIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, "not the id of a hold")
  .meta({ description: "Id of a hold, made by the service." });

export const holdStateSchema = z.enum(["open", "approved", "rejected", "emptied"]).meta({
  description:
    "`open`: somebody in it waits for a decision. Afterwards `rejected` where anybody's removal was, else `approved`; `emptied` where nobody was left to decide about.",
});
export type HoldState = z.infer<typeof holdStateSchema>;

const person = z.object({ type: z.string(), id: z.string(), email: z.string().optional() });

const causeSchema = z.object({
  initiatedBy: person.meta({ description: "Who asked for the removals." }),
  source: z.string().optional().meta({ description: "The source, where one asked for them." }),
  correlationId: z.string().meta({ description: "Of the act that opened the hold." }),
  reason: z.string().optional(),
});

/** One account, or one membership in a group, that is held. */
export const heldItemSchema = z
  .object({
    kind: z
      .enum(["user", "group"])
      .meta({ description: "`user`: the account. `group`: the membership in it." }),
    userId: z.string(),
    groupId: z.string().optional(),
    at: z.string().meta({ description: "Since when it is held." }),
    state: z.enum(["held", "approved", "rejected"]),
    wanted: desiredSchema.meta({ description: "What the account, or the membership, is to be." }),
    decided: z
      .object({ by: person, at: z.string(), reason: z.string().optional(), eventId: z.string() })
      .optional()
      .meta({ description: "Who approved or rejected it, when and why." }),
  })
  .meta({ id: "HeldItem" });
export type HeldItem = z.infer<typeof heldItemSchema>;

const holdParts = {
  holdId: holdIdSchema,
  integrationId: z.string(),
  state: holdStateSchema,
  count: z
    .number()
    .int()
    .meta({ description: "People who wait for a decision; once nobody does, people of whom it was made." }),
  since: z.string(),
  cause: causeSchema,
};
export const holdSchema = z.object(holdParts).meta({
  id: "Hold",
  description: "Removals that came by themselves, and that the guard keeps until somebody approves them.",
});
export type HoldView = z.infer<typeof holdSchema>;

/** Answer of `GET …/holds/{holdId}`: the hold with one page of its items. */
export const holdWithItemsSchema = z
  .object({ ...holdParts, items: z.array(heldItemSchema), nextCursor: z.string().optional() })
  .meta({ id: "HoldWithItems" });
export type HoldWithItems = z.infer<typeof holdWithItemsSchema>;

/** Body of `POST …/holds/{holdId}/approve` and `…/reject`. */
export const holdDecisionSchema = z
  .strictObject({
    count: z.int().min(0).meta({ description: "How many people it is about, as the hold tells it." }),
    userIds: z
      .array(userIdSchema)
      .min(1)
      .max(10_000)
      .optional()
      .meta({ description: "These alone; without it all who wait in the hold." }),
  })
  .meta({ id: "HoldDecision" });
export type HoldDecision = z.infer<typeof holdDecisionSchema>;

/** A hold as saved. Times are RFC 3339. */
export type Hold = HoldView & {
  /** Grows with every write; 0 stands for one that is not there. */
  rev: number;
  /** Correlation ids of the latest acts whose removals are in it. */
  acts: string[];
  /** A decision under way, or cut off once its lease has ended. */
  attempt?: OpenAttempt;
};
