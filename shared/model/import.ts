import * as z from "zod";
import { groupIdSchema, userIdSchema } from "./directory.ts";

/** Body of `POST …/import/scans`. */
export const scanInputSchema = z
  .strictObject({
    acknowledgeManaged: z.boolean().optional().meta({
      description: "Where reading marks accounts as managed: that is known, and meant.",
    }),
  })
  .meta({ id: "ScanInput" });
export type ScanInput = z.infer<typeof scanInputSchema>;

const remoteIdSchema = z.string().min(1).max(512);
const pickSchema = z.strictObject({
  remoteId: remoteIdSchema,
  userId: userIdSchema.optional().meta({
    description:
      "Who it is: a user who is made, or who is there and linked to it. Without it the userName is the id of one who is made.",
  }),
});
/** An account that is to be imported, and as whom. */
export type ImportPick = z.infer<typeof pickSchema>;
/** What one item of the table holds. */
const mostPicks = 500;

const isTwice = (picks: ImportPick[] = [], name: keyof ImportPick): boolean => {
  const named = picks.flatMap((pick) => pick[name] ?? []);
  return new Set(named).size < named.length;
};

/** Body of `POST …/import/jobs`. */
export const importInputSchema = z
  .strictObject({
    users: z.array(pickSchema).min(1).max(mostPicks).optional(),
    allNew: z.literal(true).optional().meta({ description: "All that nobody in the directory matches." }),
    includeInactive: z.boolean().optional().meta({
      description: "Of `allNew`: inactive accounts, too. They become users who are suspended.",
    }),
    groupId: groupIdSchema.optional().meta({ description: "The directory group into which they are put." }),
    matched: z.enum(["skip", "link"]).default("skip").meta({
      description: "What becomes of an account that one user matches: nothing, or it is linked to them.",
    }),
  })
  .refine(({ users, allNew }) => (users === undefined) !== (allNew === undefined), {
    path: ["users"],
    message: "give either users or allNew",
  })
  .refine(({ users }) => !isTwice(users, "remoteId"), { path: ["users"], message: "has a remoteId twice" })
  .refine(({ users }) => !isTwice(users, "userId"), {
    path: ["users"],
    message: "has a userId twice: a user has one account in an integration",
  })
  .meta({ id: "ImportInput" });
export type ImportInput = z.infer<typeof importInputSchema>;

export const importJobIdSchema = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "not the id of a job");

export const importJobSchema = z
  .object({
    jobId: importJobIdSchema,
    integrationId: z.string(),
    kind: z.enum(["scan", "import"]),
    status: z.enum(["running", "done", "failed", "cancelled"]),
    progress: z.object({ done: z.number().int(), total: z.number().int().optional() }),
    counts: z.record(z.string(), z.number().int()).meta({
      description:
        "Of an import by result. Of a scan by status; `unlisted`: so many more there are by the service provider's own word.",
    }),
    requestedAt: z.string(),
    finishedAt: z.string().optional(),
    error: z.object({ code: z.string(), detail: z.string() }).optional(),
    lastError: z.object({ code: z.string(), detail: z.string() }).optional().meta({
      description: "While it is `running`: why its next step is being tried again.",
    }),
  })
  .meta({ id: "ImportJob" });
export type ImportJobView = z.infer<typeof importJobSchema>;

export const accountStatusSchema = z.enum(["new", "matched", "linked", "conflict"]).meta({
  description:
    "`new`: nobody in the directory matches it. `matched`: `userId` does, by externalId, userName or address, and has no account there. `linked`: it is the account of `userId`. `conflict`: several match, or the one who does has another account.",
});
export type AccountStatus = z.infer<typeof accountStatusSchema>;

export const remoteAccountSchema = z
  .object({
    remoteId: z.string(),
    status: accountStatusSchema,
    userId: userIdSchema.optional(),
    userIds: z
      .array(userIdSchema)
      .optional()
      .meta({ description: "Of a `conflict`: who matches, where several do." }),
    userName: z.string().optional(),
    externalId: z.string().optional(),
    email: z.string().optional(),
    firstname: z.string().optional(),
    lastname: z.string().optional(),
    displayname: z.string().optional(),
    jobTitle: z.string().optional(),
    department: z.string().optional(),
    active: z.boolean().optional().meta({ description: "Absent where the service provider does not say." }),
  })
  .meta({ id: "RemoteAccount", description: "An account at the service provider, as of the last scan." });
export type RemoteAccount = z.infer<typeof remoteAccountSchema>;

export const accountSorts = ["firstname", "lastname", "email"] as const;
/** What is to be seen of the accounts, and in which order. */
export type AccountFilter = {
  show?: "new" | "all";
  query?: string;
  sort?: (typeof accountSorts)[number];
  sortOrder?: "asc" | "desc";
};

export const importRowSchema = z
  .object({
    remoteId: z.string(),
    userId: userIdSchema.optional(),
    result: z.enum(["created", "linked", "skipped", "failed"]),
    error: z.string().optional().meta({ description: "Of one `skipped` or `failed`: why, and what to do." }),
    note: z.string().optional().meta({ description: "What the directory could not take over." }),
  })
  .meta({ id: "ImportRow" });
export type ImportRow = z.infer<typeof importRowSchema>;
