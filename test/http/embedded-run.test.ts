import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EmbeddedRun, startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { targetRules } from "../../shared/runtime/services.ts";
import { startScimmy } from "../providers/scimmy.ts";

let dataDir = "";
const closers: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "usher-run-"));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  rmSync(dataDir, { recursive: true });
});

const start = async () => {
  const run = await startEmbeddedRun({ port: 0, dataDir });
  closers.push(run.close);
  return run;
};
const send = async (run: EmbeddedRun, method: string, path: string, body?: unknown) => {
  const response = await fetch(run.url + path, {
    method,
    headers: { authorization: `Bearer ${run.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    response,
    body: (await response.json()) as Record<string, unknown> & { items: Record<string, unknown>[] },
  };
};

test("the main job over HTTP, and what it left after a restart", async () => {
  const environment = { ...process.env };
  const provider = await startScimmy();
  closers.push(provider.close);
  const first = await start();
  expect(targetRules()).toEqual({ allowLoopback: true });

  const credentials = { type: "bearer", clientSecret: provider.token };
  const activated = await send(first, "POST", "/integrations", {
    application: { name: "SCIMMY" },
    baseUrl: `${provider.baseUrl}/`,
    credentials,
  });
  expect(activated.response.status).toBe(201);
  expect(activated.response.headers.get("etag")).toBe('"1"');
  const { integrationId } = activated.body;
  expect(activated.response.headers.get("location")).toBe(`/integrations/${integrationId}`);
  expect(activated.body).toMatchObject({ status: "active", baseUrl: provider.baseUrl });

  const user = { email: "ada@example.com", firstname: "Ada", lastname: "Lovelace" };
  const provisioned = await send(first, "PUT", `/integrations/${integrationId}/users/ada`, user);
  expect(provisioned.response.status).toBe(200);
  expect(provisioned.body).toMatchObject({ action: "created", state: "in_sync" });
  expect(await provider.users()).toMatchObject([{ userName: "ada@example.com", active: true }]);
  await first.close();
  expect(targetRules()).toEqual({ allowLoopback: false });
  expect({ ...process.env }).toEqual(environment);

  const second = await start();
  expect(second.token).toBe(first.token);
  expect(await second.recovered).toEqual({ settled: 0 });
  const again = await send(second, "PUT", `/integrations/${integrationId}/users/ada`);
  expect(again.body).toMatchObject({ action: "unchanged", eventIds: [] });
  const events = await send(second, "GET", `/events?integrationId=${integrationId}&order=asc`);
  expect(events.body.items.map((event) => [event.event_type, event.success])).toEqual([
    ["idm_integration_activate", true],
    ["user_create_provision", true],
  ]);
});

test("a base URL that may not be called, and mappings that cannot be used, are named before anything is sent", async () => {
  const run = await start();
  const { response, body } = await send(run, "POST", "/integrations", {
    application: { name: "x" },
    baseUrl: "https://169.254.169.254/latest",
    credentials: { type: "bearer", clientSecret: "x" },
    attributeMappings: [{ target: "password", constant: "x" }],
  });
  expect(response.status).toBe(400);
  expect(body.errors).toEqual([
    { path: "baseUrl", message: expect.any(String) },
    { path: "attributeMappings.0.target", message: expect.any(String) },
  ]);
  expect((await send(run, "GET", "/integrations")).body.items).toEqual([]);
});

test("only the local run lets loopback be called", () => {
  const root = new URL("../..", import.meta.url).pathname;
  const users = ["functions", "shared", "infra"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((file) => join(folder, file))
      .filter(
        (file) =>
          file.endsWith(".ts") && readFileSync(join(root, file), "utf8").includes("allowLoopbackTargets"),
      ),
  );
  expect(users.toSorted()).toEqual(["infra/local/embedded-run.ts", "shared/runtime/services.ts"]);
});

test("the figures of the process are there for who shows the token, and for nobody else", async () => {
  const run = await start();
  expect((await fetch(`${run.url}/metrics`)).status).toBe(401);
  const response = await fetch(`${run.url}/metrics`, { headers: { authorization: `Bearer ${run.token}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe(
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  const text = await response.text();
  expect(text).toContain("usher_attempts_total 0\n");
  expect(text).toMatch(/# EOF\n$/);
});
