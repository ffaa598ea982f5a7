import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import {
  createThings,
  dataFolder,
  dynamoDbClient,
  givenProcess,
  putThing,
  scanThings,
  thingsClient,
} from "./steps.ts";

const count = 400;
const file = (dataDir: string) => join(dataDir, "dynamodb.sqlite");

/** A folder with `count` items, as a run leaves it that ends by itself. */
const givenTables = async (): Promise<string> => {
  const dataDir = dataFolder();
  const engine = await openDynamoDb(dataDir);
  const client = thingsClient(engine);
  await createThings(client);
  for (let nth = 0; nth < count; nth += 1) await putThing(client, nth);
  await engine.close();
  return dataDir;
};

/** The same by a run that was killed: the last writes are in the log alone. */
const givenKilled = async (): Promise<string> => {
  const dataDir = await givenTables();
  const running = await givenProcess("dynamodb", dataDir);
  const client = dynamoDbClient(running.url, running.keys);
  for (let nth = count; nth < count + 40; nth += 1) await putThing(client, nth);
  await running.kill();
  return dataDir;
};

const zero = (path: string, at: number, length: number): void => {
  const handle = openSync(path, "r+");
  writeSync(handle, Buffer.alloc(length), 0, length, at);
  closeSync(handle);
};

/** Opens the folder, reads all of it, and closes it. */
const readAll = async (dataDir: string): Promise<number> => {
  const engine = await openDynamoDb(dataDir);
  onTestFinished(() => engine.close());
  return (await scanThings(thingsClient(engine))).length;
};

const quiet = () => vi.spyOn(console, "error").mockImplementation(() => {});

const refusals: [string, (path: string) => void, RegExp][] = [
  ["cut to half", (path) => truncateSync(path, Math.floor(statSync(path).size / 2)), /is damaged/],
  ["without its last page", (path) => truncateSync(path, statSync(path).size - 4096), /is damaged/],
  ["torn in the middle of a page", (path) => truncateSync(path, statSync(path).size - 1000), /is damaged/],
  ["emptied", (path) => truncateSync(path, 0), /the file is empty/],
  ["with a zeroed head", (path) => zero(path, 0, 100), /is damaged or was replaced: file is not a database/],
  ["with a zeroed page", (path) => zero(path, 4096 * 12, 4096), /is damaged/],
  ["zeroed to the end", (path) => zero(path, 4096, statSync(path).size - 4096), /is damaged/],
  ["replaced by another text", (path) => writeFileSync(path, "not a database ".repeat(1000)), /is damaged/],
];

test.each(refusals)(
  "given a data file %s, when Usher starts, then it names the file and the remedy and changes nothing",
  async (_, damage, message) => {
    const dataDir = await givenTables();
    damage(file(dataDir));
    const before = readFileSync(file(dataDir));
    await expect(openDynamoDb(dataDir)).rejects.toThrow(message);
    await expect(openDynamoDb(dataDir)).rejects.toThrow(/Put back a copy of the whole data folder/);
    expect(readFileSync(file(dataDir))).toEqual(before);
  },
);

/** Changes one bit in the text of an item. */
const flipBit = (path: string): void => {
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf("thing number 7 ");
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  writeFileSync(path, bytes);
};

test("given a flipped bit in an item, when it is read, then the read fails, it is told and nothing more is written", async () => {
  const told = quiet();
  const dataDir = await givenTables();
  flipBit(file(dataDir));
  const engine = await openDynamoDb(dataDir);
  onTestFinished(() => engine.close());
  const client = thingsClient(engine);
  await expect(scanThings(client)).rejects.toMatchObject({ name: "InternalServerError" });
  expect(await engine.trouble()).toMatch(/is damaged: .* does not match its checksum/);
  expect(told.mock.calls.flat().join()).toContain("put back a copy");
  await expect(putThing(client, 1)).rejects.toMatchObject({ name: "InternalServerError" });
});

test("given a flipped bit in an item that nobody reads, when Usher has run for a while, then the trouble is told", async () => {
  quiet();
  const dataDir = await givenTables();
  flipBit(file(dataDir));
  const engine = await openDynamoDb(dataDir);
  onTestFinished(() => engine.close());
  await expect.poll(() => engine.trouble(), { timeout: 10_000 }).toMatch(/does not match its checksum/);
});

test("given a folder whose data file is missing, when Usher starts, then it does not start anew", async () => {
  const dataDir = dataFolder();
  const run = await startEmbeddedRun({ port: 0, dataDir });
  await run.close();
  renameSync(file(dataDir), join(dataDir, "elsewhere"));
  await expect(startEmbeddedRun({ port: 0, dataDir })).rejects.toThrow(
    /dynamodb.sqlite is missing, but .* was in use/,
  );
  expect(existsSync(file(dataDir))).toBe(false);
  renameSync(join(dataDir, "elsewhere"), file(dataDir));
  await (await startEmbeddedRun({ port: 0, dataDir })).close();
});

test("given a killed run whose log is missing, when Usher starts, then it says so until it is told to go on", async () => {
  const dataDir = await givenKilled();
  rmSync(`${file(dataDir)}-wal`);
  await expect(openDynamoDb(dataDir)).rejects.toThrow(
    /dynamodb.sqlite-wal is missing, which holds the last writes/,
  );
  rmSync(`${file(dataDir)}-open`);
  expect(await readAll(dataDir)).toBe(count);
});

test("given a killed run whose data file is missing, when Usher starts, then it does not start anew", async () => {
  const dataDir = await givenKilled();
  rmSync(file(dataDir));
  await expect(openDynamoDb(dataDir)).rejects.toThrow(/dynamodb.sqlite is missing/);
});

test("given a killed run, when it starts again, then nothing is missing and nothing is told", async () => {
  const told = quiet();
  const dataDir = await givenKilled();
  expect(await readAll(dataDir)).toBe(count + 40);
  expect(told).not.toHaveBeenCalled();
});

test("given a killed run whose log has a hole, when Usher starts, then it counts what is dropped and keeps the log", async () => {
  const told = quiet();
  const dataDir = await givenKilled();
  const log = `${file(dataDir)}-wal`;
  zero(log, Math.floor(statSync(log).size / 2), 4096);
  const left = await readAll(dataDir);
  expect(left).toBeGreaterThanOrEqual(count);
  expect(left).toBeLessThan(count + 40);
  expect(told.mock.calls.flat().join()).toMatch(
    /-wal is damaged: \d+ writes at its end could not be read and are dropped/,
  );
  expect(readdirSync(dataDir).some((name) => name.includes("-wal-damaged-"))).toBe(true);
});

test("given a run that never came to its end of making the file, when Usher starts, then the draft is thrown away", async () => {
  const dataDir = dataFolder();
  writeFileSync(`${file(dataDir)}.new`, "half of it");
  const engine = await openDynamoDb(dataDir);
  await engine.close();
  expect(readdirSync(dataDir)).toEqual(["dynamodb.sqlite"]);
  expect(statSync(file(dataDir)).mode & 0o777).toBe(0o600);
});

test.each(["", "-wal"])(
  "given dynamodb.sqlite%s deleted under a running store, when it is written, then the write fails and says so",
  async (end) => {
    quiet();
    const dataDir = await givenTables();
    const engine = await openDynamoDb(dataDir);
    onTestFinished(() => engine.close());
    const client = thingsClient(engine);
    await putThing(client, 1);
    rmSync(`${file(dataDir)}${end}`);
    await expect(putThing(client, 2)).rejects.toMatchObject({ name: "InternalServerError" });
    expect(await engine.trouble()).toContain("was deleted");
  },
);
