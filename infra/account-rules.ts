import type { Stack } from "aws-cdk-lib";
import { ManagedPolicy, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import * as z from "zod";

/** What an account may ask of everything in it; tags as a record, or as text like `Team=IT,CostCenter=42`. */
export type AccountRules = { tags: Record<string, string>; permissionsBoundary?: string | undefined };

const tag = z.string().trim().min(1).max(256);
const tagsSchema = z.record(tag.max(128).regex(/^(?!aws:)/i, "names that begin with aws: are reserved"), tag);

const tagsFromText = z
  .string()
  .transform((list) => Object.fromEntries(list.split(",").map((entry) => splitAt(entry, entry.indexOf("=")))))
  .pipe(tagsSchema);

const splitAt = (entry: string, at: number): [string, string] =>
  // Without the sign there is a name and no value, which the schema refuses.
  at === -1 ? [entry.trim(), ""] : [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];

export const accountOptions = {
  /** Tags of the stack, which CloudFormation gives to everything in it that takes tags. */
  tags: z.union([tagsSchema, tagsFromText], "give tags such as Team=IT,CostCenter=42").default({}),
  /** Name or ARN of an IAM policy that bounds every role of the stack. */
  permissionsBoundary: z
    .string()
    .regex(/^(arn:[a-z-]+:iam::(\d{12}|aws):policy\/)?[\w+=,.@/-]+$/, "give the name or ARN of an IAM policy")
    .optional(),
};

/** Bounds every role in the stack, those of custom resources included, whoever adds them and when. */
export const boundRoles = (stack: Stack, policy: string): void => {
  const boundary = policy.startsWith("arn:")
    ? ManagedPolicy.fromManagedPolicyArn(stack, "PermissionsBoundary", policy)
    : ManagedPolicy.fromManagedPolicyName(stack, "PermissionsBoundary", policy);
  PermissionsBoundary.of(stack).apply(boundary);
};
