import * as z from "zod";
import { secretsError } from "./secret-versions.ts";

// Unknown parameters are dropped, as AWS drops what a service version does not know.
const secretId = z.string().min(1).max(2048);
const token = z.string().min(32).max(64);
const stage = z.string().min(1).max(256);
const tag = z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256).optional() });
const value = {
  SecretString: z.string().min(1).max(65_536).optional(),
  SecretBinary: z.base64().max(87_384).optional(),
};
const name = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[A-Za-z0-9/_+=.@-]+$/);
const filter = z.object({ Key: z.literal("name"), Values: z.array(z.string().max(512)).min(1).max(10) });

/** Input of each operation that is served, by its name. */
export const secretRequests = {
  CreateSecret: z.object({
    Name: name,
    ClientRequestToken: token,
    Description: z.string().max(2048).optional(),
    Tags: z.array(tag).max(50).optional(),
    ...value,
  }),
  GetSecretValue: z.object({
    SecretId: secretId,
    VersionId: token.optional(),
    VersionStage: stage.optional(),
  }),
  PutSecretValue: z.object({
    SecretId: secretId,
    ClientRequestToken: token,
    VersionStages: z.array(stage).min(1).max(20).optional(),
    ...value,
  }),
  UpdateSecretVersionStage: z.object({
    SecretId: secretId,
    VersionStage: stage,
    MoveToVersionId: token.optional(),
    RemoveFromVersionId: token.optional(),
  }),
  DescribeSecret: z.object({ SecretId: secretId }),
  DeleteSecret: z.object({
    SecretId: secretId,
    RecoveryWindowInDays: z.int().optional(),
    ForceDeleteWithoutRecovery: z.boolean().optional(),
  }),
  RestoreSecret: z.object({ SecretId: secretId }),
  ListSecrets: z.object({
    Filters: z.array(filter).max(10).optional(),
    IncludePlannedDeletion: z.boolean().optional(),
    MaxResults: z.int().min(1).max(100).optional(),
    NextToken: z.string().max(4096).optional(),
  }),
};

export type SecretOperation = keyof typeof secretRequests;
export type SecretRequest<O extends SecretOperation> = z.infer<(typeof secretRequests)[O]>;

/**
 * @returns the input as its operation knows it
 * @throws AwsError InvalidParameterException, which names the parameters and never their values
 */
export function parseSecretRequest<O extends SecretOperation>(
  operation: O,
  input: unknown,
): SecretRequest<O> {
  const parsed = secretRequests[operation].safeParse(input);
  if (parsed.success) return parsed.data as SecretRequest<O>;
  const names = parsed.error.issues.map((issue) => issue.path.join("."));
  throw secretsError("InvalidParameterException", `Invalid or missing: ${[...new Set(names)].join(", ")}.`);
}
