import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test, vi } from "vitest";
import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { fitIndexes } from "../../infra/local/dynamodb/fit-indexes.ts";
import { createThings, dataFolder, givenDynamoDb, putThing, scanThings, thingsClient } from "./steps.ts";
import { newer, older } from "./things-shapes.ts";

vi.spyOn(console, "error").mockImplementation(() => {});

const open = async (dataDir: string) => {
  const engine = await openDynamoDb(dataDir);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= engine.close();
    return closed;
  };
  onTestFinished(close);
  return { client: thingsClient(engine), close };
};

/** Every third one bears the mark that the newer release has an index of. */
const putMarked = (client: DynamoDBClient, nth: number) =>
  nth % 3 > 0
    ? putThing(client, nth)
    : client.send(
        new PutItemCommand({
          TableName: "things",
          Item: {
            pk: { S: `p${nth % 7}` },
            sk: { S: `s${nth}` },
            color: { S: "c0" },
            text: { S: `thing number ${nth}` },
            mark: { S: `m${nth % 2}` },
            markedAt: { S: String(nth) },
          },
        }),
      );

const givenThings = async (client: DynamoDBClient, count: number) => {
  await createThings(client);
  for (let nth = 0; nth < count; nth += 1) await putMarked(client, nth);
};

const sorted = (items: Record<string, unknown>[]) => items.map((item) => JSON.stringify(item)).sort();
const indexesOf = async (client: DynamoDBClient) => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: "things" }));
  return Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName);
};

/** What each index of the newer release is to show of the items that are there. */
const expectNewerIndexes = async (client: DynamoDBClient) => {
  const items = (await scanThings(client)) as Record<string, { S?: string }>[];
  const shown = (names: string[]) =>
    sorted(
      items
        .filter((item) => names.every((name) => item[name]))
        .map((item) => Object.fromEntries(names.map((name) => [name, item[name]]))),
    );
  const keysOf = (list: Record<string, unknown>[], names: string[]) =>
    sorted(list.map((item) => Object.fromEntries(names.map((name) => [name, item[name]]))));
  const colors = ["color", "text", "pk", "sk"];
  const marks = ["mark", "markedAt", "pk", "sk"];
  expect(keysOf(await scanThings(client, "byColor"), colors)).toEqual(shown(colors));
  expect(keysOf(await scanThings(client, "byMark"), marks)).toEqual(shown(marks));
  expect(Object.keys((await scanThings(client, "byMark"))[0] ?? {}).sort()).toEqual([...marks].sort());
};

test("given a table of an older release, when a newer one starts, then its indexes show the items that were there", async () => {
  const dataDir = dataFolder();
  const { client, close } = await open(dataDir);
  await givenThings(client, 1300);
  const before = await scanThings(client);
  await fitIndexes(client, "things", newer);
  await expectNewerIndexes(client);
  expect(await scanThings(client)).toEqual(before);
  for (let nth = 1000; nth < 1400; nth += 1) await putMarked(client, nth + (nth % 2));
  await expectNewerIndexes(client);
  await close();
  const again = await open(dataDir);
  await expectNewerIndexes(again.client);
});

test("given a table of a newer release, when an older one starts, then what only the newer had is gone", async () => {
  const { client } = await open(dataFolder());
  await givenThings(client, 30);
  await fitIndexes(client, "things", newer);
  await fitIndexes(client, "things", older);
  expect(await indexesOf(client)).toEqual(["byColor"]);
  expect(sorted(await scanThings(client, "byColor"))).toEqual(sorted(await scanThings(client)));
  const { Table } = await client.send(new DescribeTableCommand({ TableName: "things" }));
  expect(Table?.AttributeDefinitions?.map(({ AttributeName }) => AttributeName)).toEqual([
    "pk",
    "sk",
    "color",
  ]);
});

test("given indexes that fit, when Usher starts, then nothing is changed", async () => {
  const { client } = await open(dataFolder());
  await givenThings(client, 3);
  const send = vi.spyOn(client, "send");
  await fitIndexes(client, "things", older);
  expect(send).toHaveBeenCalledTimes(1);
});

test("given an index that comes and goes, when the process is killed at any moment, then no item and no entry is lost", {
  timeout: 120_000,
}, async () => {
  const dataDir = dataFolder();
  const first = await open(dataDir);
  await givenThings(first.client, 3000);
  const before = await scanThings(first.client);
  await first.close();
  const script = fileURLToPath(new URL("reshape-process.ts", import.meta.url));
  for (let round = 0; round < 5; round += 1) {
    const child = spawn(process.execPath, [script, dataDir], { stdio: ["ignore", "pipe", "ignore"] });
    const ended = once(child, "exit");
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, 7 + round * 50));
    child.kill("SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
    const { client, close } = await open(dataDir);
    expect(await scanThings(client)).toEqual(before);
    await fitIndexes(client, "things", newer);
    await expectNewerIndexes(client);
    await close();
  }
});

test("given the signed endpoint, when an index is made over it, then it answers as DynamoDB does", async () => {
  const { client } = await givenDynamoDb();
  await givenThings(client, 10);
  await fitIndexes(client, "things", newer);
  await expectNewerIndexes(client);
  const update = (updates: unknown[]) =>
    client.send(
      new UpdateTableCommand({ TableName: "things", GlobalSecondaryIndexUpdates: updates as never[] }),
    );
  const Create = {
    IndexName: "bySize",
    KeySchema: [{ AttributeName: "size", KeyType: "HASH" }],
    Projection: { ProjectionType: "ALL" },
  };
  const refusals: [unknown[], string][] = [
    [[{ Create }], "ValidationException"],
    [[{ Create: { ...Create, IndexName: "byMark" } }], "ValidationException"],
    [[{ Create: { ...Create, KeySchema: [{ KeyType: "HASH" }] } }], "ValidationException"],
    [[], "ValidationException"],
    [[{ Delete: { IndexName: "bySize" } }], "ResourceNotFoundException"],
    [[{ Delete: { IndexName: "byMark" } }, { Create }], "LimitExceededException"],
  ];
  for (const [updates, name] of refusals) await expect(update(updates)).rejects.toMatchObject({ name });
  await expectNewerIndexes(client);
});
