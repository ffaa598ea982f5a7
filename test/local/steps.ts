import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, DynamoDBClient, PutItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { onTestFinished } from "vitest";
import { startEmbeddedDynamoDb } from "../../infra/local/dynamodb/embedded-dynamodb.ts";
import type { DynamoDbEngine } from "../../infra/local/dynamodb/engine.ts";
import { answerInProcess } from "../../infra/local/in-process/commands.ts";
import { startEmbeddedSecrets } from "../../infra/local/secrets/embedded-secrets.ts";
import { makeOrReadRunKeys, type RunKeys } from "../../infra/local/signing/run-keys.ts";

/** A folder that goes with the test. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "usher-local-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes what is to be closed at the end of the test, whether or not the test closes it itself. */
function closing<T extends { close: () => Promise<void> }>(endpoint: T): T {
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= endpoint.close();
    return closed;
  };
  onTestFinished(close);
  return { ...endpoint, close };
}

export function dynamoDbClient(url: string, keys: RunKeys): DynamoDBClient {
  const client = new DynamoDBClient({
    endpoint: url,
    region: keys.region,
    credentials: { ...keys },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return client;
}

export function secretsClient(url: string, keys: RunKeys): SecretsManagerClient {
  const client = new SecretsManagerClient({
    endpoint: url,
    region: keys.region,
    credentials: { ...keys },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return client;
}

export async function givenDynamoDb(options: { dataDir?: string; now?: () => number } = {}) {
  const { dataDir = dataFolder(), now = Date.now } = options;
  const keys = makeOrReadRunKeys(dataDir);
  const endpoint = closing(await startEmbeddedDynamoDb({ dataDir, keys, now }));
  return { ...endpoint, dataDir, keys, client: dynamoDbClient(endpoint.url, keys) };
}

export async function givenSecrets(options: { dataDir?: string; now?: () => number } = {}) {
  const { dataDir = dataFolder(), now = Date.now } = options;
  const keys = makeOrReadRunKeys(dataDir);
  const endpoint = closing(await startEmbeddedSecrets({ dataDir, keys, now }));
  return { ...endpoint, dataDir, keys, client: secretsClient(endpoint.url, keys) };
}

/** Runs an endpoint as a process of its own; `kill` is SIGKILL and waits for the end. */
export async function givenProcess(kind: "dynamodb" | "secrets", dataDir: string) {
  const script = fileURLToPath(new URL("endpoint-process.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, kind, dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  const [line] = (await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, "data"),
    ended.then(() => ["the process ended before it was ready"]),
  ])) as [unknown];
  return { url: String(line).trim(), keys: makeOrReadRunKeys(dataDir), kill };
}

type RawAnswer = { status: number; headers: Record<string, unknown>; body: string };

/** One HTTP request as it is written, with no SDK in between. */
export function sendRaw(
  url: string,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<RawAnswer> {
  const { method = "POST", path = "/", headers = {}, body = "{}" } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, url), { method, headers, agent: false }, async (incoming) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** A client that reaches an engine without a socket. */
export const thingsClient = (engine: DynamoDbEngine): DynamoDBClient =>
  answerInProcess(
    new DynamoDBClient({
      region: "us-east-1",
      credentials: { accessKeyId: "unused", secretAccessKey: "unused" },
    }),
    (operation, input) => engine.call(operation, input, "sdk"),
  );

/** A table `things` with an index by color. */
export const createThings = async (client: DynamoDBClient): Promise<void> => {
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    { AttributeName: range, KeyType: "RANGE" as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName: "things",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "color"].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
      KeySchema: keys("pk", "sk"),
      GlobalSecondaryIndexes: [
        { IndexName: "byColor", KeySchema: keys("color", "sk"), Projection: { ProjectionType: "ALL" } },
      ],
    }),
  );
};

export const putThing = (client: DynamoDBClient, nth: number) =>
  client.send(
    new PutItemCommand({
      TableName: "things",
      Item: {
        pk: { S: `p${nth % 7}` },
        sk: { S: `s${nth}` },
        color: { S: `c${nth % 3}` },
        text: { S: `thing number ${nth} ${"x".repeat(300)}` },
      },
    }),
  );

export const scanThings = async (client: DynamoDBClient, IndexName?: string) => {
  const items: Record<string, unknown>[] = [];
  const pages = paginateScan({ client }, { TableName: "things", ...(IndexName && { IndexName }) });
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
};
