import { existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test, vi } from "vitest";
import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { startScimmy } from "../providers/scimmy.ts";
import { startRun } from "../recovery/run-process.ts";
import { turnIntoLevelFolder } from "./level-folder.ts";
import { createThings, dataFolder, putThing, scanThings, thingsClient } from "./steps.ts";

const require = createRequire(import.meta.url);
const quiet = () => vi.spyOn(console, "error").mockImplementation(() => {});
const level = (dataDir: string) => join(dataDir, "dynamodb");
const open = async (dataDir: string, now?: () => number) => {
  const engine = await openDynamoDb(dataDir, now);
  onTestFinished(() => engine.close());
  return engine;
};

const givenLevelFolder = async (): Promise<{ dataDir: string; items: object[] }> => {
  const dataDir = dataFolder();
  const engine = await openDynamoDb(dataDir);
  const client = thingsClient(engine);
  await createThings(client);
  for (let nth = 0; nth < 300; nth += 1) await putThing(client, nth);
  const TimeToLiveSpecification = { AttributeName: "expiresAt", Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName: "things", TimeToLiveSpecification }));
  await engine.call(
    "PutItem",
    { TableName: "things", Item: { pk: { S: "due" }, sk: { S: "1" }, expiresAt: { N: "1800000000" } } },
    "sdk",
  );
  const items = await scanThings(client);
  await engine.close();
  await turnIntoLevelFolder(dataDir);
  return { dataDir, items };
};

test("given the tables of version 0.1, when Usher starts, then all is there but the old files", async () => {
  const told = quiet();
  const { dataDir, items } = await givenLevelFolder();
  const engine = await open(dataDir, () => 1_900_000_000_000);
  const client = thingsClient(engine);
  expect(await scanThings(client)).toEqual(items);
  expect(await scanThings(client, "byColor")).toHaveLength(300);
  expect(await engine.expireItems()).toBe(1);
  expect(told.mock.calls.flat().join()).toMatch(/301 items of version 0\.1 were moved/);
  expect(readdirSync(level(dataDir))).toEqual(["CURRENT"]);
});

test("given tables that were moved over, when version 0.1 opens the folder, then it fails instead of starting anew", async () => {
  quiet();
  const { dataDir } = await givenLevelFolder();
  await (await openDynamoDb(dataDir)).close();
  const { create } = require("dynalite/db/index.js");
  await expect(create({ path: level(dataDir) }).db.open()).rejects.toMatchObject({
    cause: { message: expect.stringContaining("MOVED-to-dynamodb.sqlite-by-a-later-version") },
  });
});

test("given a kill while the tables are moved over, when Usher starts again, then it begins from the old ones", async () => {
  quiet();
  const { dataDir, items } = await givenLevelFolder();
  const before = readdirSync(level(dataDir));
  const { createDataFile } = await import("../../infra/local/data-file/draft.ts");
  const cut = createDataFile(dataDir, () => {
    throw new Error("killed");
  });
  await expect(cut).rejects.toThrow("killed");
  expect(readdirSync(level(dataDir))).toEqual(before);
  expect(await scanThings(thingsClient(await open(dataDir)))).toEqual(items);
});

test("given old tables without CURRENT, when Usher starts, then it refuses and deletes nothing", async () => {
  const { dataDir } = await givenLevelFolder();
  rmSync(join(level(dataDir), "CURRENT"));
  const before = readdirSync(level(dataDir));
  await expect(openDynamoDb(dataDir)).rejects.toThrow(/CURRENT is missing/);
  expect(readdirSync(level(dataDir))).toEqual(before);
  expect(existsSync(join(dataDir, "dynamodb.sqlite"))).toBe(false);
});

test("given old tables in use by a run of version 0.1, when Usher starts, then it is told so", async () => {
  const { dataDir } = await givenLevelFolder();
  const { create } = require("dynalite/db/index.js");
  const { db } = create({ path: level(dataDir) });
  await db.open();
  onTestFinished(() => db.close());
  await expect(openDynamoDb(dataDir)).rejects.toThrow(/is in use by another run/);
});

test("given old tables that lost items in a damaged file, when Usher starts, then it refuses and changes nothing", async () => {
  const { dataDir } = await givenLevelFolder();
  const { create } = require("dynalite/db/index.js");
  const { db } = create({ path: level(dataDir) });
  for await (const key of db.keys({ gte: "item-things~", limit: 1 })) await db.del(key);
  await db.close();
  await expect(openDynamoDb(dataDir)).rejects.toThrow(
    /cannot be moved over: a file is damaged or missing: index byColor of things has 300 entries and its items ask for 299/,
  );
  expect(existsSync(join(dataDir, "dynamodb.sqlite"))).toBe(false);
  expect(readdirSync(level(dataDir))).toContain("CURRENT");
});

test("given a run of version 0.1 that was killed in a call, when Usher starts over it, then the call is settled", async () => {
  const dataDir = dataFolder();
  const provider = await startScimmy();
  onTestFinished(provider.close);
  const first = await startRun(dataDir);
  onTestFinished(() => first.kill());
  const { body } = await first.call("POST", "/integrations", {
    application: { name: "SCIMMY" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: provider.token },
  });
  await first.arm(4);
  const path = `/integrations/${body.integrationId}/users/ada`;
  const user = { email: "ada@example.com", firstname: "Ada", lastname: "Lovelace" };
  await expect(first.call("PUT", path, user)).rejects.toThrow();
  await first.ended;
  quiet();
  await turnIntoLevelFolder(dataDir);

  const second = await startRun(dataDir);
  onTestFinished(() => second.kill());
  const { body: after } = await second.call("PUT", path, user);
  expect(after.state).toBe("in_sync");
  expect(await provider.users()).toMatchObject([{ userName: "ada@example.com" }]);
  const { body: events } = await second.call("GET", `/events?integrationId=${body.integrationId}&order=asc`);
  const types = events.items.map(({ event_type }) => event_type);
  expect(types.filter((type) => type === "user_create_provision").length).toBeGreaterThanOrEqual(1);
  second.kill();
  await second.ended;
});
