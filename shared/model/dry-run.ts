import * as z from "zod";

const recordedRequestSchema = z.object({
  integrationId: z.string(),
  method: z.string(),
  path: z.string().meta({ description: "Below the integration's base URL; readable, not encoded." }),
  body: z.json().optional(),
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
