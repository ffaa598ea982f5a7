import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleFunctions } from "../../infra/bundle.ts";
import { toContext } from "../../infra/local/front/http-event.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";

const folder = fileURLToPath(new URL("../../functions/", import.meta.url));
const names = [
  "activate-integration",
  "provision-user",
  "recover-attempts",
  "dispatch-changes",
  "drain-integration",
  "report-tampering",
  "watch-integrations",
  "not-found",
  "save-user",
  "adopt-table",
  "pause-restored",
  "get-user",
];
const outdir = mkdtempSync(join(tmpdir(), "usher-bundles-"));
let store: TestDynamoDb;

beforeAll(async () => {
  for (const [name, bytes] of bundleFunctions(folder, names))
    writeFileSync(join(outdir, `${name}.mjs`), bytes);
  store = await startDynamoDb();
  const endpoint = await store.client.config.endpoint?.();
  // What a Lambda finds in its environment: credentials of its role and the names that the stack gives.
  Object.assign(process.env, {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIATEST",
    AWS_SECRET_ACCESS_KEY: "test-secret-access-key",
    AWS_ENDPOINT_URL_DYNAMODB: `${endpoint?.protocol}//${endpoint?.hostname}:${endpoint?.port}`,
    STATE_TABLE: store.stateTableName,
    EVENTS_TABLE: store.eventsTableName,
  });
});
afterAll(async () => {
  await store.close();
  rmSync(outdir, { recursive: true });
});

const invoke = async (name: string, event: object) => {
  const { handler } = await import(/* @vite-ignore */ pathToFileURL(join(outdir, `${name}.mjs`)).href);
  return handler(event, toContext(name, "00000000-0000-4000-8000-000000000000"));
};

const eventOf = (method: string, path: string, pathParameters: Record<string, string>, body?: object) => ({
  version: "2.0",
  rawPath: path,
  rawQueryString: "",
  headers: { "content-type": "application/json" },
  pathParameters,
  requestContext: {
    http: { method, path, sourceIp: "192.0.2.1", userAgent: "test" },
    authorizer: {
      iam: { userArn: "arn:aws:iam::111122223333:user/ada", userId: "AIDA", accountId: "111122223333" },
    },
  },
  isBase64Encoded: false,
  ...(body && { body: JSON.stringify(body) }),
});

test.each(names)("the bundle of %s loads and has a handler", async (name) => {
  const module = await import(/* @vite-ignore */ pathToFileURL(join(outdir, `${name}.mjs`)).href);
  expect(module.handler).toBeTypeOf("function");
});

test("a bundled Lambda signs with the credentials of its environment and works on the tables", async () => {
  const user = { email: "ada@example.com", firstname: "Ada", lastname: "Osei" };
  const saved = await invoke("save-user", eventOf("PUT", "/users/ada", { userId: "ada" }, user));
  expect(saved.statusCode).toBe(200);
  const read = await invoke("get-user", eventOf("GET", "/users/ada", { userId: "ada" }));
  expect(JSON.parse(read.body)).toMatchObject({ userId: "ada", ...user, integrations: [] });
});

test("what writes figures is in the bundles of Lambdas that have figures to tell, and in no other", () => {
  const writing = names.filter((name) =>
    readFileSync(join(outdir, `${name}.mjs`), "utf8").includes("CloudWatchMetrics"),
  );
  expect(writing).toEqual([
    "activate-integration",
    "provision-user",
    "recover-attempts",
    "drain-integration",
    "report-tampering",
    "watch-integrations",
    "pause-restored",
  ]);
});
