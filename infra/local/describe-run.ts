import type { Sandbox } from "../sandbox/sandbox.ts";
import type { KeptPorts } from "./embedded-ports.ts";
import type { EmbeddedRun } from "./embedded-run.ts";
import type { Restored } from "./pause-restored.ts";

type Started = {
  run: EmbeddedRun;
  sandbox: Sandbox | undefined;
  kept: KeptPorts;
  isQuiet: boolean;
  /** Messages go to a webhook. */
  isTelling: boolean;
};

/** What `npm start` says once everything runs; `kept` are the ports of the run before. */
export const describeRun = ({ run, sandbox, kept, isQuiet, isTelling }: Started): string =>
  [
    `Usher is running at ${run.url}`,
    `  token            ${run.tokens.admin.path ?? "the one of USHER_TOKEN"}  (send: Authorization: Bearer TOKEN)`,
    `  provisioner's    ${run.tokens.provision.path}  (changes users and groups, and reads)`,
    `  auditor's        ${run.tokens.read.path}  (reads)`,
    `  AWS keys         ${run.keysPath}  (for a shell: set -a; . FILE; set +a)`,
    `  DynamoDB         ${run.dynamodbUrl}  ${stays(run.dynamodbUrl, kept.dynamodbPort)}`,
    `  Secrets Manager  ${run.secretsUrl}  ${stays(run.secretsUrl, kept.secretsPort)}`,
    `  tables           ${run.tables.state}, ${run.tables.events}`,
    ...(run.restored ? describeRestored(run.restored) : []),
    ...(run.publicUrl
      ? [`  SCIM in          ${run.publicUrl}/scim/v2  (by a proxy that passes this alone)`]
      : []),
    ...(isTelling ? ["  messages         to the webhook of USHER_NOTIFY_URL"] : []),
    ...(sandbox ? describeSandbox(run, sandbox) : []),
    `Ctrl-C stops it.${isQuiet ? "" : " Calls are listed from here on:"}`,
  ].join("\n");

const stays = (url: string, before: number | undefined): string =>
  before === undefined || new URL(url).port === String(before)
    ? "(stays the same while its port is free)"
    : `(it was at port ${before} before)`;

const describeRestored = ({ madeAt, paused }: Restored): string[] => [
  `  restored         as of ${madeAt}: ${paused} ${paused === 1 ? "integration is" : "integrations are"} paused until you resume them (docs/restore.md)`,
];

const describeSandbox = (
  { url, tokens: { admin } }: EmbeddedRun,
  { baseUrl, tokenPath }: Sandbox,
): string[] => [
  `A service provider to try it with is running at ${baseUrl}`,
  `  token            ${tokenPath}`,
  "Activate it, once, in another terminal:",
  "",
  `curl -sS ${url}/integrations \\`,
  `  -H "Authorization: Bearer ${admin.path ? `$(cat ${quoted(admin.path)})` : "$USHER_TOKEN"}" \\`,
  "  -H 'Content-Type: application/json' \\",
  `  -d '{"application": {"name": "Sandbox"}, "baseUrl": "${baseUrl}",`,
  `       "credentials": {"type": "bearer", "clientSecret": "'"$(cat ${quoted(tokenPath)})"'"}}'`,
  "",
];

/** A word of a POSIX shell. */
const quoted = (path: string): string =>
  /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
