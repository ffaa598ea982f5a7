/**
 * Usher as a process of its own that ends itself with SIGKILL between two steps of a call. A step is a durable write
 * (DynamoDB, Secrets Manager) or a changing request to a service provider, done as soon as its answer has arrived.
 *
 * Arguments: the data folder, and how it starts: `local` is the embedded run. `aws` has no start-up recovery and voids
 * no lease, as a new Lambda finds things; its clock is ahead by the third argument (ms), so that leases have ended.
 * `without workers` has the start-up recovery of the embedded run, and nobody comes for what it has made due.
 */
import { subscribe } from "node:diagnostics_channel";
import { type ClientRequest, type IncomingMessage, ServerResponse } from "node:http";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SQSEvent } from "aws-lambda";
import { handler as drainIntegration } from "../../functions/drain-integration.ts";
import { functions } from "../../functions/index.ts";
import { handler as notFound } from "../../functions/not-found.ts";
import { handler as recoverAttempts } from "../../functions/recover-attempts.ts";
import { startEmbeddedDynamoDb } from "../../infra/local/dynamodb/embedded-dynamodb.ts";
import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { applyEmbeddedSettings, tables } from "../../infra/local/embedded-settings.ts";
import { toContext } from "../../infra/local/front/http-event.ts";
import { startHttpFront } from "../../infra/local/front/http-front.ts";
import { readOrMakeTokens } from "../../infra/local/front/local-callers.ts";
import { startEmbeddedSecrets } from "../../infra/local/secrets/embedded-secrets.ts";
import { makeOrReadRunKeys } from "../../infra/local/signing/run-keys.ts";
import { freeSlots } from "../../infra/local/stream.ts";
import { voidDeadLeases } from "../../shared/aws/links/dead-leases.ts";
import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";
import { allowLoopbackTargets } from "../../shared/runtime/services.ts";

export type Command = { do: "arm"; killAfter: number } | { do: "report" } | { do: "recover" };
export type Started = { url: string; token: string; dynamodbUrl: string; secretsUrl: string };

const durable = /^(Put|Update|Delete|BatchWrite)Item$|^(Create|Delete|Restore)Secret$|^PutSecretValue$/;
let steps: string[] | undefined;
let killAfter = Number.POSITIVE_INFINITY;

/** Counts a durable step that has its answer, and ends the process with the one that was asked for. */
const count = (step: string): void => {
  if (!steps) return;
  steps.push(step);
  if (steps.length === killAfter) process.kill(process.pid, "SIGKILL");
};

type Send = (command: object, ...rest: unknown[]) => Promise<unknown>;
/** Commands of the SDK, by a socket or in process. */
const countWrites = (client: { send: unknown }): void => {
  const send = client.send as Send;
  const counted: Send = async function (this: unknown, command, ...rest) {
    const output = await send.call(this, command, ...rest);
    const operation = command.constructor.name.replace(/Command\d*$/, "");
    if (durable.test(operation)) count(operation);
    return output;
  };
  Object.defineProperty(client, "send", { value: counted });
};
countWrites(DynamoDBClient.prototype);
countWrites(SecretsManagerClient.prototype);

/** Changes at a service provider. */
subscribe("http.client.response.finish", (message) => {
  const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
  if (request.getHeader("x-amz-target") !== undefined || request.method === "GET") return;
  if ((response.statusCode ?? 0) < 300) count(`${request.method} ${request.path}`);
});

/** What the queue would wake: a worker of this process. */
const work = (integrationId: string): Promise<unknown> => {
  const message = { body: JSON.stringify({ integrationId }) };
  return drainIntegration({ Records: [message] } as SQSEvent, toContext("drain-integration", "by hand"));
};

const startAsOnAws = async (dataDir: string): Promise<Started> => {
  const keys = makeOrReadRunKeys(dataDir);
  const tokens = readOrMakeTokens(dataDir);
  const dynamodb = await startEmbeddedDynamoDb({ dataDir, keys });
  const secrets = await startEmbeddedSecrets({ dataDir, keys });
  applyEmbeddedSettings({ keys, dynamodbUrl: dynamodb.url, secretsUrl: secrets.url });
  const wake = async (integrationId: string) => void (mode === "aws" && work(integrationId));
  allowLoopbackTargets(undefined, { wakeUps: { wake }, slots: freeSlots });
  const front = await startHttpFront({ tokens, functions, notFound });
  return { url: front.url, token: tokens.admin.token, dynamodbUrl: dynamodb.url, secretsUrl: secrets.url };
};

const startWithoutWorkers = async (dataDir: string): Promise<Started> => {
  const started = await startAsOnAws(dataDir);
  await voidDeadLeases({ client: createDynamoDbClient(), tableName: tables.state });
  await recoverAttempts({}, toContext("recover-attempts", "at start"));
  return started;
};

const startLocal = async (dataDir: string): Promise<Started> => {
  const run = await startEmbeddedRun({ port: 0, dataDir });
  await run.recovered;
  const { url, token, dynamodbUrl, secretsUrl } = run;
  return { url, token, dynamodbUrl, secretsUrl };
};

const [dataDir = "", mode, aheadMs = "0"] = process.argv.slice(2);
const realNow = Date.now;
Date.now = () => realNow() + Number(aheadMs);
// The Date header has the system's time, and the SDK would sign with that.
Object.defineProperty(ServerResponse.prototype, "sendDate", { get: () => false, set: () => {} });

const answerTo = async (command: Command): Promise<unknown> => {
  if (command.do === "recover") return recoverAttempts({}, toContext("recover-attempts", "by hand"));
  const report = steps ?? [];
  if (command.do === "arm") {
    steps = [];
    killAfter = command.killAfter;
  }
  return report;
};
process.on("message", (command: Command) => {
  answerTo(command).then((answer) => process.send?.({ answer }));
});
process.on("disconnect", () => process.exit());
const starts = { local: startLocal, aws: startAsOnAws, "without workers": startWithoutWorkers };
process.send?.({ answer: await starts[mode as keyof typeof starts](dataDir) });
