import * as z from "zod";

const counts = z.record(z.string(), z.number().int()).meta({ description: "How many are in each state." });

/** How an integration stands, in numbers. */
export const provisioningSchema = z
  .object({
    users: counts,
    groups: counts,
    held: z.number().int().meta({ description: "People from whom the guard holds a removal." }),
    approximate: z.literal(true).optional().meta({
      description:
        "Some numbers are above 10,000: they are older, and those that wait are not counted further.",
    }),
    oldestDueAt: z.string().optional().meta({
      description:
        "RFC 3339: when the first was due of all that waits for its turn; absent where nothing is due.",
    }),
    lastSuccessAt: z.string().optional().meta({
      description: "RFC 3339: of the last change of a user or group that succeeded, while its event is kept.",
    }),
    quarantine: z.object({ since: z.string(), reason: z.string(), nextProbeAt: z.string() }).optional(),
  })
  .meta({ id: "Provisioning", description: "How an integration stands; numbers may be 5 s old." });
export type Provisioning = z.infer<typeof provisioningSchema>;
