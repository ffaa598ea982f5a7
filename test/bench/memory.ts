import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildSync } from "esbuild";
import { bundleOptions } from "../../infra/bundle.ts";
import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { buildEvent } from "../../shared/audit/build-event.ts";
import { createEventWriter } from "../../shared/aws/events/event-writer.ts";
import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";
import { intentAt, succeeded } from "../audit/fixtures.ts";
import { anEvent } from "../http/support.ts";
import { startQuirky } from "../providers/quirky/quirky.ts";
import { printTable } from "./figures.ts";
import { makeFolder } from "./stage.ts";

/**
 * What Lambdas need of memory for the largest inputs: each in a process of its own, bundled, with the heap that Node is
 * given there. `npx node test/bench/memory.ts [MEMBERS]`.
 */
const members = Number(process.argv[2] ?? 10_000);
const heapsMb = [64, 128, 256, 512];

const folder = makeFolder();
const child = join(folder, "memory-child.mjs");
const entry = fileURLToPath(new URL("memory-child.ts", import.meta.url));
buildSync({ ...bundleOptions, entryPoints: [entry], outfile: child, external: ["dynalite"] });
const run = await startEmbeddedRun({ port: 0, dataDir: join(folder, "data") });
const provider = await startQuirky({});

const call = async (method: string, path: string, body?: object) => {
  const response = await fetch(run.url + path, {
    method,
    headers: { authorization: `Bearer ${run.token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
};

const ids = Array.from({ length: members }, (_, at) => `user-${String(at).padStart(6, "0")}`);
for (let at = 0; at < ids.length; at += 30)
  await Promise.all(
    ids
      .slice(at, at + 30)
      .map((id) => call("PUT", `/users/${id}`, { email: `${id}@example.com`, firstname: "A", lastname: id })),
  );
const activated = await call("POST", "/integrations", {
  application: { name: "Test" },
  baseUrl: provider.baseUrl,
  credentials: { type: "bearer", clientSecret: provider.token },
});
const { integrationId } = activated;
const events = createEventWriter({
  client: createDynamoDbClient(),
  tableName: run.tables.events,
  shards: 1,
});
for (let at = 0; at < 500; at += 1) {
  const changes = Array.from({ length: 22 }, (_, field) => ({ field: `field${field}`, to: "x".repeat(990) }));
  const intent = intentAt(new Date(Date.now() - at * 1000).toISOString(), { changes });
  await events.put(buildEvent(intent, { ...succeeded(intent), changes }));
}

const posted = { "content-type": "application/json" };
const cases: [string, string, object, (() => unknown)?][] = [
  [
    "GET /events?limit=500, 22 KB each",
    "list-events",
    anEvent({ method: "GET", path: "/events", query: "limit=500" }),
  ],
  [
    `PUT /groups/{groupId}, ${members} members`,
    "save-group",
    anEvent({
      method: "PUT",
      path: "/groups/g",
      params: { groupId: "g" },
      headers: posted,
      body: JSON.stringify({ name: "G", members: ids }),
    }),
  ],
  [
    `PUT …/groups/{groupId}, ${members} members`,
    "provision-group",
    anEvent({
      method: "PUT",
      path: `/integrations/${integrationId}/groups/g`,
      params: { integrationId, groupId: "g" },
      headers: posted,
      body: JSON.stringify({ name: "G", members: ids }),
    }),
  ],
  [
    "worker, the same group",
    "drain-integration",
    { Records: [{ body: JSON.stringify({ integrationId }) }] },
    // Until then it is left to the calls.
    () => sleep(31_000),
  ],
  [
    "PUT …/users/{userId}, answers of 5 MB",
    "provision-user",
    anEvent({
      method: "PUT",
      path: `/integrations/${integrationId}/users/big`,
      params: { integrationId, userId: "big" },
      headers: posted,
      body: JSON.stringify({ email: "big@example.com", firstname: "A", lastname: "B" }),
    }),
    () => {
      const Resources = Array.from({ length: 5_000 }, (_, at) => ({
        id: `id-${at}`,
        userName: `other-${at}@example.com`,
        title: "x".repeat(950),
      }));
      const body = JSON.stringify({ totalResults: Resources.length, Resources });
      provider.intercept = ({ method }) =>
        method === "GET"
          ? { status: 200, headers: { "content-type": "application/scim+json" }, body }
          : undefined;
    },
  ],
];

const rows: string[][] = [];
for (const [title, name, event, prepare] of cases) {
  await prepare?.();
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(event));
  for (const heap of heapsMb) {
    const args = [`--max-old-space-size=${heap}`, child, name, file];
    const ended = await promisify(execFile)(process.execPath, args).catch((error: Error) => error);
    if (ended instanceof Error) rows.push([title, `${heap}`, "out of memory", "", "", ""]);
    else {
      const { status, ms, cpuMs, maxRssMb, answerBytes } = JSON.parse(ended.stdout);
      rows.push([title, `${heap}`, `${status}`, `${maxRssMb}`, `${ms} (CPU ${cpuMs})`, `${answerBytes}`]);
    }
    console.error(rows.at(-1)?.join("  "));
  }
}
printTable(["call", "heap MB", "status", "RSS MB", "ms", "bytes of the answer"], rows);
await provider.close();
await run.close();
