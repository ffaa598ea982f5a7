import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import * as z from "zod";
import { readPublicUrl } from "../shared/common/public-url.ts";
import { type Role, roles } from "../shared/model/role.ts";
import { checkTokenUrl } from "../shared/scim/wire/outbound-guard.ts";
import { logLevels } from "../shared/telemetry/log.ts";
import { type AccountRules, accountOptions } from "./account-rules.ts";
import { type Domain, domainOf, domainOptions, isWholeDomain } from "./custom-domain.ts";

/**
 * Who may call the API: principals of the AWS account (SigV4), or holders of a token of one issuer, each role by its
 * scope.
 */
export type Callers =
  | { kind: "iam" }
  | { kind: "jwt"; issuer: string; audience: string[]; scopes: Record<Role, string> };

/** A table that the stack makes itself, or one that is there; `isNewWanted`: an empty one, after one that was named. */
export type TableChoice = { name: string } | { isNewWanted: boolean };

/** What is chosen at deploy, from `cdk deploy -c name=value`, the `context` of cdk.json or the properties of `Usher`. */
export type Settings = AccountRules & {
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
  tables: { state: TableChoice; events: TableChoice };
  /** Of a key of hashes that is there; absent where the stack makes it. */
  hashKeyArn: string | undefined;
  terminationProtection: boolean;
  alarmEmails: string[];
  /** Where messages are posted, too. */
  webhook: { kind: "url"; url: string } | { kind: "secret"; secretArn: string } | undefined;
  /** The lowest level that the Lambdas log. */
  logLevel: (typeof logLevels)[number];
  /** Calls a second over all callers, and how many at once beyond that. */
  rateLimit: number;
  burstLimit: number;
  /** After how many days the lines of the Lambdas, and of the access log, expire. */
  logDays: RetentionDays;
  accessLogDays: RetentionDays;
  /** Whether there is a page of CloudWatch that shows all. */
  dashboard: boolean;
  /** Where identity providers call it, where that is not the name of the API itself; without a slash at the end. */
  publicUrl: string | undefined;
  /** Absent where the API has no name but the one that API Gateway gives. */
  domain: Domain | undefined;
};

// An unset shell variable in `-c issuer=$ISSUER` arrives as an empty string: refused, never taken for a default.
const text = z.string().trim().min(1);

/** A scope of RFC 6749 §3.3, without the brackets in which the gateway hands on a list of them. */
const scope = text.regex(/^[\x21\x23-\x5a\x5e-\x7e]+$/, "name one scope");
const tableName = text.regex(/^[A-Za-z0-9_.-]{3,255}$/, "give the name of a table, not its ARN").optional();
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

const flag = z.union([z.boolean(), z.stringbool()]);
const days = z.coerce
  .number<number>()
  .refine((value) => value in RetentionDays && value < RetentionDays.INFINITE, {
    error: "give a number that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, …",
  });

const contextSchema = z.object({
  stage: text
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "use a–z, 0–9 and single hyphens")
    .max(32)
    .optional(),
  organization: text.max(128).default("usher"),
  retentionDays: z.coerce.number<number>().int().min(1).max(3650).default(400),
  eventShards: z.coerce.number<number>().int().min(1).max(32).default(1),
  issuer: z.url({ protocol: /^https$/ }).optional(),
  audience: text.optional(),
  readScope: scope.optional(),
  provisionScope: scope.optional(),
  adminScope: scope.optional(),
  recoveryConcurrency: z.coerce.number<number>().int().min(0).max(1).default(1),
  workers: z.coerce.number<number>().int().min(2).max(1000).default(10),
  alarmTopic: text
    .regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, "give the ARN of an SNS topic")
    .optional(),
  alarmEmail: text
    .transform((list) => list.split(",").map((entry) => entry.trim()))
    .pipe(z.array(z.email("give an e-mail address, or several with commas")))
    .default([]),
  notifyUrl: webhookSchema.optional(),
  logLevel: z.enum(logLevels).default("info"),
  stateTable: tableName,
  eventsTable: tableName,
  hashKey: text
    .regex(
      /^arn:[^:]+:secretsmanager:[^:]+:\d+:secret:.+-[A-Za-z0-9]{6}$/,
      "give the whole ARN of the secret",
    )
    .optional(),
  terminationProtection: flag.default(true),
  rateLimit: z.coerce.number<number>().int().min(1).default(50),
  burstLimit: z.coerce.number<number>().int().min(1).default(100),
  logDays: days.default(RetentionDays.THREE_MONTHS),
  accessLogDays: days.default(RetentionDays.THIRTEEN_MONTHS),
  dashboard: flag.default(true),
  publicUrl: text
    .transform((value, context) => {
      const checked = readPublicUrl(value);
      if (checked.ok) return checked.url;
      context.addIssue({ code: "custom", message: checked.reason });
      return z.NEVER;
    })
    .optional(),
  ...domainOptions,
  ...accountOptions,
});

/** Everything that may be chosen, as it is given; all of it has a default. docs/deploy.md says what each means. */
export type Options = z.input<typeof contextSchema>;

export const optionNames = Object.keys(contextSchema.shape) as (keyof Options)[];

/** Reads and checks the context; a value that cannot be meant stops the synth with its name and the reason. */
export const readSettings = (node: Node): Settings => {
  if (node.tryGetContext("scope") !== undefined)
    throw new Error(
      "Wrong context (-c name=value): scope is no option any more, since its holders could make every call. Leave it out, " +
        "and have the issuer give each caller usher.read, usher.provision or usher.admin; readScope, provisionScope and " +
        "adminScope set other names. To change nothing for now give your old scope as adminScope",
    );
  return checkOptions(
    Object.fromEntries(optionNames.map((name) => [name, node.tryGetContext(name) as unknown])),
  );
};

/** @throws Error that names each option with a value that cannot be meant, and the reason */
export const checkOptions = (options: Options): Settings => {
  const parsed = contextSchema.refine(isWholeDomain, partOfDomain).safeParse(options);
  if (!parsed.success) throw new Error(`Wrong context (-c name=value):\n${z.prettifyError(parsed.error)}`);
  const { stage, issuer, audience, readScope, provisionScope, adminScope, ...others } = parsed.data;
  const { alarmTopic, alarmEmail, notifyUrl, stateTable, eventsTable, hashKey, ...more } = others;
  const { domainName, certificateArn, hostedZoneId, domainOnly, publicUrl, ...rest } = more;
  const scopes = { read: readScope, provision: provisionScope, admin: adminScope };
  if (stateTable !== undefined && stateTable === eventsTable && stateTable !== newTable)
    throw new Error("Wrong context (-c name=value): stateTable and eventsTable are the same table");
  return {
    ...rest,
    stackName: stage === undefined ? "usher" : `usher-${stage}`,
    callers: readCallers(issuer, audience, scopes),
    alarmTopicArn: alarmTopic,
    tables: { state: chosenTable(stateTable), events: chosenTable(eventsTable) },
    hashKeyArn: hashKey,
    alarmEmails: alarmEmail,
    webhook: notifyUrl,
    publicUrl,
    domain: domainOf({ domainName, certificateArn, hostedZoneId, domainOnly }),
  };
};

const partOfDomain = {
  path: ["domainName"],
  error: "domainName and certificateArn go together; hostedZoneId and domainOnly need both",
};

/** In place of a name. */
const newTable = "new";
const chosenTable = (name?: string): TableChoice =>
  name === undefined || name === newTable ? { isNewWanted: name === newTable } : { name };

/** One of the two would be an API for no one, or for every token of the issuer, so it is both or none. */
const readCallers = (
  issuer: string | undefined,
  audience: string | undefined,
  named: Record<Role, string | undefined>,
): Callers => {
  const wrong = (what: string) => new Error(`Wrong context (-c name=value): ${what}`);
  if (issuer === undefined && audience === undefined) {
    if (roles.every((role) => named[role] === undefined)) return { kind: "iam" };
    throw wrong(
      "scopes are for JWT callers, who need issuer and audience, too; give none of them for IAM callers",
    );
  }
  if (issuer === undefined || audience === undefined)
    throw wrong("JWT callers need issuer and audience together; give none of them for IAM callers");
  const audiences = audience.split(",").map((one) => one.trim());
  if (audiences.includes("")) throw wrong("audience has an empty entry");
  const { read = "usher.read", provision = "usher.provision", admin = "usher.admin" } = named;
  if (new Set([read, provision, admin]).size < roles.length)
    throw wrong(
      `readScope (${read}), provisionScope (${provision}) and adminScope (${admin}) have to differ, or a role would have the rights of another`,
    );
  return { kind: "jwt", issuer, audience: audiences, scopes: { read, provision, admin } };
};
