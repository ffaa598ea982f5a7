import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeBackup } from "../../infra/local/backup/make-backup.ts";
import { restoreBackup } from "../../infra/local/backup/restore-backup.ts";
import { type EmbeddedRun, startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import type { TestProvider } from "../providers/provider.ts";
import { startScimmy } from "../providers/scimmy.ts";
import { leapOverWaits } from "../support/quick-time.ts";

leapOverWaits();

/**
 * A provider that has moved on, and a service that was turned back: what docs/restore.md says happens then, by itself and once
 * the directory was brought up to date.
 */
let home = "";
let provider: TestProvider;
let run: EmbeddedRun;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "usher-older-"));
  provider = await startScimmy();
});
afterEach(async () => {
  await run.close();
  await provider.close();
  rmSync(home, { recursive: true });
});

const start = async (name: string) => {
  run = await startEmbeddedRun({ port: 0, dataDir: join(home, name) });
};
const call = async (method: string, path: string, body?: object) => {
  const response = await fetch(run.url + path, {
    method,
    headers: { authorization: `Bearer ${run.token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const person = (name: string) => ({ email: `${name}@example.com`, firstname: "Ada", lastname: name });
const accountOf = async (name: string) =>
  (await provider.users()).find(({ userName }) => userName === `${name}@example.com`);
const membersThere = async () => {
  const names = new Map((await provider.users()).map(({ id, userName }) => [id, userName.split("@")[0]]));
  return (await provider.groups())[0]?.members.map((id) => names.get(id)).sort();
};
const writes = () => provider.requests.filter(({ method }) => method !== "GET");
/** The workers are woken by themselves; the sweep finds what nobody was woken for. */
const until = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) {
    await run.recover();
    await sleep(50);
  }
};
const isInSync = async (path: string) => (await call("GET", path)).body.state === "in_sync";

/** As of the backup: stay, leaver and mover in the group. Since then: leaver gone, joiner new, and in the group in mover's place. */
const givenOlder = async () => {
  await start("data");
  const { body } = await call("POST", "/integrations", {
    application: { name: "Test" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: provider.token },
  });
  const path = `/integrations/${body.integrationId}`;
  for (const name of ["stay", "leaver", "mover"]) await call("PUT", `${path}/users/${name}`, person(name));
  await call("PUT", `${path}/groups/eng`, { name: "Engineering", members: ["stay", "leaver", "mover"] });
  await run.close();
  await makeBackup(join(home, "data"), join(home, "backup"));

  await start("data");
  expect((await call("DELETE", "/users/leaver")).status).toBe(200);
  expect((await call("PUT", `${path}/users/joiner`, person("joiner"))).body).toMatchObject({
    action: "created",
  });
  const change = { add: ["joiner"], remove: ["mover"] };
  expect((await call("POST", `${path}/groups/eng/members`, change)).status).toBe(200);
  await run.close();
  expect(await membersThere()).toEqual(["joiner", "stay"]);

  await restoreBackup(join(home, "backup"), join(home, "restored"));
  provider.requests.length = 0;
  await start("restored");
  await run.recover();
  expect((await call("GET", path)).body).toMatchObject({ status: "paused" });
  expect(provider.requests).toEqual([]);
  return { path, joinedAs: (await accountOf("joiner"))?.id };
};

test("data that is older than the provider takes nothing from anybody and makes nobody again by itself, once resumed", async () => {
  const { path } = await givenOlder();
  expect((await call("POST", `${path}/resume`)).status).toBe(200);
  await run.recover();
  await sleep(1_000);
  await run.recover();
  expect(writes()).toEqual([]);
  expect(await accountOf("leaver")).toBeUndefined();
  expect(await accountOf("joiner")).toMatchObject({ active: true });
  expect(await membersThere()).toEqual(["joiner", "stay"]);
});

test("a directory that is brought up to date while paused sends nothing, and then no duplicate and no leaver", async () => {
  const { path, joinedAs } = await givenOlder();
  expect((await call("DELETE", "/users/leaver")).status).toBe(202);
  expect((await call("PUT", `${path}/users/joiner`, person("joiner"))).status).toBe(202);
  const members = { name: "Engineering", members: ["stay", "joiner"] };
  expect((await call("PUT", `${path}/groups/eng`, members)).status).toBe(202);
  expect(provider.requests).toEqual([]);

  await call("POST", `${path}/resume`);
  await until(() => isInSync(`${path}/users/joiner`));
  await until(() => isInSync(`${path}/groups/eng`));
  await until(async () => (await call("GET", "/users/leaver")).status === 404);
  expect((await call("GET", `${path}/users/joiner`)).body).toMatchObject({ remoteId: joinedAs });
  const names = (await provider.users()).map(({ userName }) => userName.split("@")[0]);
  expect(names.sort()).toEqual(["joiner", "mover", "stay"]);
  expect(await membersThere()).toEqual(["joiner", "stay"]);
  expect((await call("GET", "/attention")).body).toMatchObject({ items: [] });
});
