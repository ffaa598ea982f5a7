import type { Node } from "constructs";
import * as z from "zod";
import { type Role, roles } from "../shared/model/role.ts";
import { checkTokenUrl } from "../shared/scim/wire/outbound-guard.ts";
import { logLevels } from "../shared/telemetry/log.ts";

/**
 * Who may call the API: principals of the AWS account (SigV4), or holders of a token of one issuer, each role by its
 * scope.
 */
export type Callers =
  | { kind: "iam" }
  | { kind: "jwt"; issuer: string; audience: string[]; scopes: Record<Role, string> };

/** A table that the stack makes itself, or one that is there; `isNewWanted`: an empty one, after one that was named. */
export type TableChoice = { name: string } | { isNewWanted: boolean };

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
  tables: { state: TableChoice; events: TableChoice };
  /** Of a key of hashes that is there; absent where the stack makes it. */
  hashKeyArn: string | undefined;
  terminationProtection: boolean;
  alarmEmails: string[];
  /** Where messages are posted, too. */
  webhook: { kind: "url"; url: string } | { kind: "secret"; secretArn: string } | undefined;
  /** The lowest level that the Lambdas log. */
  logLevel: (typeof logLevels)[number];
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
  readScope: scope.optional(),
  provisionScope: scope.optional(),
  adminScope: scope.optional(),
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
  stateTable: tableName,
  eventsTable: tableName,
  hashKey: text
    .regex(
      /^arn:[^:]+:secretsmanager:[^:]+:\d+:secret:.+-[A-Za-z0-9]{6}$/,
      "give the whole ARN of the secret",
    )
    .optional(),
  terminationProtection: z.union([z.boolean(), z.stringbool()]).default(true),
});

/** Reads and checks the settings; a value that cannot be meant stops the synth with its name and the reason. */
export const readSettings = (node: Node): Settings => {
  if (node.tryGetContext("scope") !== undefined)
    throw new Error(
      "Wrong context (-c name=value): scope is no option any more, since its holders could make every call. Leave it out, " +
        "and have the issuer give each caller usher.read, usher.provision or usher.admin; readScope, provisionScope and " +
        "adminScope set other names. To change nothing for now give your old scope as adminScope",
    );
  const given = Object.fromEntries(
    Object.keys(contextSchema.shape).map((name) => [name, node.tryGetContext(name) as unknown]),
  );
  const parsed = contextSchema.safeParse(given);
  if (!parsed.success) throw new Error(`Wrong context (-c name=value):\n${z.prettifyError(parsed.error)}`);
  const { stage, issuer, audience, readScope, provisionScope, adminScope, ...others } = parsed.data;
  const { alarmTopic, alarmEmail, notifyUrl, stateTable, eventsTable, hashKey, ...rest } = others;
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
  };
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
