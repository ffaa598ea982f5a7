import type { Node } from "constructs";
import * as z from "zod";
import { checkTokenUrl } from "../shared/scim/wire/outbound-guard.ts";
import { logLevels } from "../shared/telemetry/log.ts";

/** Who may call the API: principals of the AWS account (SigV4), or holders of a token of one issuer. */
export type Callers = { kind: "iam" } | { kind: "jwt"; issuer: string; audience: string[]; scope: string };

/** What is chosen at deploy, from `cdk deploy -c name=value` or the `context` of cdk.json. */
export type Settings = {
  stackName: string;
  organization: string;
  retentionDays: number;
  eventShards: number;
  callers: Callers;
  /** 0: the recovery Lambda reserves nothing. */
  recoveryConcurrency: number;
  /** How many workers run at most, of all integrations together. */
  workers: number;
  /** Absent where the stack makes the topic. */
  alarmTopicArn: string | undefined;
  alarmEmails: string[];
  /** Where messages are posted, too. */
  webhook: { kind: "url"; url: string } | { kind: "secret"; secretArn: string } | undefined;
  /** The lowest level that the Lambdas log. */
  logLevel: (typeof logLevels)[number];
};

// An unset shell variable in `-c issuer=$ISSUER` arrives as an empty string: refused, never taken for a default.
const text = z.string().trim().min(1);

const secretArn = /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+-[A-Za-z0-9]{6}$/;

/** The address of a webhook may be a secret, so no message repeats it. */
const webhookSchema = text.transform((value, context): NonNullable<Settings["webhook"]> => {
  if (secretArn.test(value)) return { kind: "secret", secretArn: value };
  const isArn = value.startsWith("arn:");
  const checked = checkTokenUrl(value);
  if (checked.ok && !isArn) return { kind: "url", url: checked.url };
  const reason =
    isArn || checked.ok ? "give the whole ARN of a secret, with its last six characters" : checked.reason;
  context.addIssue({ code: "custom", message: reason });
  return z.NEVER;
});

const contextSchema = z.object({
  stage: text
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "use a–z, 0–9 and single hyphens")
    .max(32)
    .optional(),
  organization: text.max(128).default("usher"),
  retentionDays: z.coerce.number().int().min(1).max(3650).default(400),
  eventShards: z.coerce.number().int().min(1).max(32).default(1),
  issuer: z.url({ protocol: /^https$/ }).optional(),
  audience: text.optional(),
  scope: text.regex(/^\S+$/, "name one scope").optional(),
  recoveryConcurrency: z.coerce.number().int().min(0).max(1).default(1),
  workers: z.coerce.number().int().min(2).max(1000).default(10),
  alarmTopic: text
    .regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, "give the ARN of an SNS topic")
    .optional(),
  alarmEmail: text
    .transform((list) => list.split(",").map((entry) => entry.trim()))
    .pipe(z.array(z.email("give an e-mail address, or several with commas")))
    .default([]),
  notifyUrl: webhookSchema.optional(),
  logLevel: z.enum(logLevels).default("info"),
});

/** Reads and checks the settings; a value that cannot be meant stops the synth with its name and the reason. */
export const readSettings = (node: Node): Settings => {
  const given = Object.fromEntries(
    Object.keys(contextSchema.shape).map((name) => [name, node.tryGetContext(name) as unknown]),
  );
  const parsed = contextSchema.safeParse(given);
  if (!parsed.success) throw new Error(`Wrong context (-c name=value):\n${z.prettifyError(parsed.error)}`);
  const { stage, issuer, audience, scope, alarmTopic, alarmEmail, notifyUrl, ...rest } = parsed.data;
  return {
    ...rest,
    stackName: stage === undefined ? "usher" : `usher-${stage}`,
    callers: readCallers(issuer, audience, scope),
    alarmTopicArn: alarmTopic,
    alarmEmails: alarmEmail,
    webhook: notifyUrl,
  };
};

/** Two of the three would be an API open to every token of the issuer, so it is all of them or none. */
const readCallers = (issuer?: string, audience?: string, scope?: string): Callers => {
  if (issuer !== undefined && audience !== undefined && scope !== undefined) {
    const audiences = audience.split(",").map((one) => one.trim());
    if (audiences.includes("")) throw new Error("Wrong context (-c name=value): audience has an empty entry");
    return { kind: "jwt", issuer, audience: audiences, scope };
  }
  if (issuer === undefined && audience === undefined && scope === undefined) return { kind: "iam" };
  throw new Error(
    "Wrong context (-c name=value): JWT callers need issuer, audience and scope together; give none of them for IAM callers",
  );
};
