import * as z from "zod";

const recordedRequestSchema = z.object({
  integrationId: z.string(),
  method: z.string(),
  path: z.string().meta({ description: "Below the integration's base URL; readable, not encoded." }),
  body: z.json().optional(),
  notBefore: z.string().optional().meta({
    description:
      "RFC 3339, of one that a policy lets wait (`unassignedGrace`, `deleteAfter`): when it goes out at the earliest, unless something changes by then.",
  }),
});

/** What the answer of a dry run holds beside what the call itself would answer. */
export const dryRunParts = {
  dryRun: z.literal(true).optional().meta({
    description: "Nothing was saved and nothing sent: this is what would be.",
  }),
  requests: z.array(recordedRequestSchema).optional().meta({
    description:
      "Of a dry run: what would go out, by this call and by itself afterwards, where each answer is a plain success; the first 100. An id that is not known yet is `{remoteId:ID}`.",
  }),
  requestsTotal: z.number().int().optional(),
  outcomes: z
    .array(z.enum(["created", "adopted"]))
    .optional()
    .meta({ description: "Of a dry run: which it is, a look-up decides." }),
  held: z
    .array(z.object({ integrationId: z.string(), count: z.number().int() }))
    .optional()
    .meta({
      description:
        "Of a dry run: from how many people something would be taken away that the guard holds until somebody approves it. Their requests are not among those that are told.",
    }),
  notActive: z
    .array(z.object({ integrationId: z.string(), status: z.string() }))
    .optional()
    .meta({
      description:
        "Of a dry run: integrations that are not active. Their requests are those that go out once they are.",
    }),
};

const dryRunAnswerSchema = z.object(dryRunParts);
export type DryRunAnswer = z.infer<typeof dryRunAnswerSchema>;
