import { request } from "node:http";
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { startEmbeddedDynamoDb } from "../../infra/local/dynamodb/embedded-dynamodb.ts";
import { dataFolder, dynamoDbClient, givenDynamoDb, givenProcess } from "./steps.ts";

const table = "things";
const text = (value: string) => ({ S: value });
const number = (value: number) => ({ N: String(value) });

async function createTable(client: DynamoDBClient, TableName = table): Promise<void> {
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    { AttributeName: range, KeyType: "RANGE" as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "color", "extent"].map(attribute),
      KeySchema: keys("pk", "sk"),
      GlobalSecondaryIndexes: [
        { IndexName: "byColor", KeySchema: keys("color", "sk"), Projection: { ProjectionType: "ALL" } },
        {
          IndexName: "byColorKeys",
          KeySchema: keys("color", "pk"),
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
      LocalSecondaryIndexes: [
        { IndexName: "bySize", KeySchema: keys("pk", "extent"), Projection: { ProjectionType: "ALL" } },
      ],
    }),
  );
}

function put(
  client: DynamoDBClient,
  pk: string,
  sk: string,
  rest: Record<string, { S: string } | { N: string }> = {},
) {
  return client.send(new PutItemCommand({ TableName: table, Item: { pk: text(pk), sk: text(sk), ...rest } }));
}

async function get(client: DynamoDBClient, pk: string, sk: string) {
  const output = await client.send(
    new GetItemCommand({ TableName: table, Key: { pk: text(pk), sk: text(sk) }, ConsistentRead: true }),
  );
  return output.Item;
}

async function colored(client: DynamoDBClient, color: string): Promise<(string | undefined)[]> {
  const output = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: "byColor",
      KeyConditionExpression: "color = :color",
      ExpressionAttributeValues: { ":color": text(color) },
    }),
  );
  return (output.Items ?? []).map((item) => item.sk?.S);
}

async function scanAll(client: DynamoDBClient, IndexName?: string) {
  const items: Record<string, { S?: string }>[] = [];
  let start: Record<string, { S: string }> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: table,
        ...(IndexName && { IndexName }),
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    items.push(...((page.Items ?? []) as typeof items));
    start = page.LastEvaluatedKey as typeof start;
  } while (start);
  return items.sort((one, other) =>
    JSON.stringify([one.pk, one.sk]) < JSON.stringify([other.pk, other.sk]) ? -1 : 1,
  );
}

test("given a new folder, when a table is created, then it is active at once and listed", async () => {
  const { client } = await givenDynamoDb();
  await createTable(client);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  expect(Table?.TableStatus).toBe("ACTIVE");
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([table]);
  await expect(createTable(client)).rejects.toMatchObject({ name: "ResourceInUseException" });
});

test("given items, when they are read by key, global index, local index and page, then each finds its own", async () => {
  const { client } = await givenDynamoDb();
  await createTable(client);
  await put(client, "a", "1", { color: text("red"), extent: text("L") });
  await put(client, "a", "2", { color: text("blue"), extent: text("S") });
  await put(client, "b", "3", { color: text("red") });
  expect(await get(client, "a", "2")).toMatchObject({ color: text("blue") });
  expect(await get(client, "a", "9")).toBeUndefined();
  expect(await colored(client, "red")).toEqual(["1", "3"]);
  const bySize = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: "bySize",
      KeyConditionExpression: "pk = :pk AND extent > :extent",
      ExpressionAttributeValues: { ":pk": text("a"), ":extent": text("M") },
    }),
  );
  expect(bySize.Items?.map((item) => item.sk?.S)).toEqual(["2"]);
  const query = {
    TableName: table,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": text("a") },
  };
  const page = await client.send(new QueryCommand({ ...query, Limit: 1, ScanIndexForward: false }));
  expect(page.Items?.map((item) => item.sk?.S)).toEqual(["2"]);
  const next = await client.send(
    new QueryCommand({ ...query, ScanIndexForward: false, ExclusiveStartKey: page.LastEvaluatedKey }),
  );
  expect(next.Items?.map((item) => item.sk?.S)).toEqual(["1"]);
});

test("given an indexed item, when its index key moves or the item goes, then the index has no old entry", async () => {
  const { client } = await givenDynamoDb();
  await createTable(client);
  await put(client, "a", "1", { color: text("red") });
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: text("a"), sk: text("1") },
      UpdateExpression: "SET color = :color",
      ExpressionAttributeValues: { ":color": text("blue") },
    }),
  );
  expect(await colored(client, "red")).toEqual([]);
  expect(await colored(client, "blue")).toEqual(["1"]);
  await client.send(new DeleteItemCommand({ TableName: table, Key: { pk: text("a"), sk: text("1") } }));
  expect(await colored(client, "blue")).toEqual([]);
});

test("given a condition that does not hold, when an item is written, then the old item stays and is told on request", async () => {
  const { client } = await givenDynamoDb();
  await createTable(client);
  await put(client, "a", "1", { version: number(3) });
  const update = (expected: number) =>
    client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: text("a"), sk: text("1") },
        UpdateExpression: "SET version = :new",
        ConditionExpression: "version = :expected",
        ExpressionAttributeValues: { ":new": number(expected + 1), ":expected": number(expected) },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
  await expect(update(2)).rejects.toMatchObject({
    name: "ConditionalCheckFailedException",
    Item: { version: number(3) },
  });
  expect(await get(client, "a", "1")).toMatchObject({ version: number(3) });
  await update(3);
  expect(await get(client, "a", "1")).toMatchObject({ version: number(4) });
});

test("given twenty writers of one counter, when they add one each, then none is lost", async () => {
  const { client } = await givenDynamoDb();
  await createTable(client);
  const add = new UpdateItemCommand({
    TableName: table,
    Key: { pk: text("a"), sk: text("1") },
    UpdateExpression: "ADD tally :one SET color = :color",
    ExpressionAttributeValues: { ":one": number(1), ":color": text("red") },
  });
  await Promise.all(Array.from({ length: 20 }, () => client.send(add)));
  expect(await get(client, "a", "1")).toMatchObject({ tally: number(20) });
  expect(await colored(client, "red")).toEqual(["1"]);
});

test("given a batch of writes and deletions, when it is sent, then all of it is there, indexes too", async () => {
  const { client } = await givenDynamoDb();
  await createTable(client);
  await put(client, "a", "gone", { color: text("red") });
  const puts = Array.from({ length: 24 }, (_, index) => ({
    PutRequest: {
      Item: { pk: text("a"), sk: text(`s${String(index).padStart(2, "0")}`), color: text("red") },
    },
  }));
  const gone = { DeleteRequest: { Key: { pk: text("a"), sk: text("gone") } } };
  await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: [...puts, gone] } }));
  expect(await colored(client, "red")).toEqual(puts.map((request) => request.PutRequest.Item.sk.S));
  const { Responses } = await client.send(
    new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: [{ pk: text("a"), sk: text("s07") }, gone.DeleteRequest.Key] } },
    }),
  );
  expect(Responses?.[table]).toEqual([puts[7]?.PutRequest.Item]);
});

test("given malformed and unknown requests, when the SDK sends them, then each is refused and the endpoint goes on", async () => {
  const { client } = await givenDynamoDb();
  await createTable(client);
  const Key = { pk: text("a"), sk: text("1") };
  await expect(
    client.send(new GetItemCommand({ TableName: table, Key: { pk: text("a") } })),
  ).rejects.toMatchObject({
    name: "ValidationException",
  });
  await expect(client.send(new GetItemCommand({ TableName: "missing", Key }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  await expect(
    client.send(new UpdateItemCommand({ TableName: table, Key, UpdateExpression: "SET )( nonsense" })),
  ).rejects.toMatchObject({ name: "ValidationException" });
  await expect(client.send(new TransactWriteItemsCommand({ TransactItems: [] }))).rejects.toMatchObject({
    name: "UnknownOperationException",
  });
  await put(client, "a", "1");
  expect(await get(client, "a", "1")).toEqual(Key);
});

test("given clients that go away amid their requests, when they are gone, then the process lives and serves", async () => {
  const dataDir = dataFolder();
  const running = await givenProcess("dynamodb", dataDir);
  const client = dynamoDbClient(running.url, running.keys);
  await createTable(client);
  await put(client, "a", "1");
  for (let round = 0; round < 20; round += 1) {
    // A signed request is cut off after its send, at no particular moment of its handling.
    const abort = new AbortController();
    const sent = client
      .send(new ScanCommand({ TableName: table }), { abortSignal: abort.signal })
      .catch(() => {});
    setTimeout(() => abort.abort(), round % 5);
    await sent;
    // And one without its end.
    await new Promise<void>((resolve) => {
      const outgoing = request(running.url, { method: "POST", headers: { "content-length": "1000" } });
      outgoing.on("error", () => resolve());
      outgoing.on("response", () => outgoing.destroy());
      outgoing.on("close", () => resolve());
      outgoing.write("{", () => outgoing.destroy());
    });
  }
  expect(await get(client, "a", "1")).toEqual({ pk: text("a"), sk: text("1") });
});

test("given time to live, when the clock passes it, then the item and its index entry are deleted, and others stay", async () => {
  const clock = { now: 1_800_000_000_000 };
  const { client, expireItems } = await givenDynamoDb({ now: () => clock.now });
  await createTable(client);
  const TimeToLiveSpecification = { AttributeName: "expiresAt", Enabled: true };
  await put(client, "a", "before", { expiresAt: number(1_800_000_010), color: text("red") });
  await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
  await put(client, "a", "due", { expiresAt: number(1_800_000_010), color: text("red") });
  await put(client, "a", "later", { expiresAt: number(1_800_000_500), color: text("red") });
  await put(client, "a", "text", { expiresAt: text("1800000010"), color: text("red") });
  await put(client, "a", "never", { color: text("red") });
  await put(client, "a", "refreshed", { expiresAt: number(1_800_000_010), color: text("red") });
  await put(client, "a", "refreshed", { expiresAt: number(1_800_000_500), color: text("red") });

  clock.now = 1_800_000_010_000;
  expect(await expireItems()).toBe(0);
  clock.now = 1_800_000_011_000;
  expect(await expireItems()).toBe(2);
  expect(await colored(client, "red")).toEqual(["later", "never", "refreshed", "text"]);
  expect(await get(client, "a", "due")).toBeUndefined();
  clock.now = 1_800_000_501_000;
  expect(await expireItems()).toBe(2);
  expect(await colored(client, "red")).toEqual(["never", "text"]);
});

test("given time to live, when it is described, repeated and turned off, then it answers as DynamoDB does", async () => {
  const clock = { now: 1_800_000_000_000 };
  const { client, expireItems } = await givenDynamoDb({ now: () => clock.now });
  await createTable(client);
  const set = (Enabled: boolean) =>
    client.send(
      new UpdateTimeToLiveCommand({
        TableName: table,
        TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled },
      }),
    );
  const described = async () =>
    (await client.send(new DescribeTimeToLiveCommand({ TableName: table }))).TimeToLiveDescription;
  expect(await described()).toEqual({ TimeToLiveStatus: "DISABLED" });
  await set(true);
  expect(await described()).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" });
  await expect(set(true)).rejects.toMatchObject({ name: "ValidationException" });
  await put(client, "a", "1", { expiresAt: number(1_800_000_010) });
  await set(false);
  clock.now = 1_900_000_000_000;
  expect(await expireItems()).toBe(0);
  expect(await get(client, "a", "1")).toBeDefined();
});

test("given tables, items and time to live, when the endpoint is started again, then all of it is still in force", async () => {
  const clock = { now: 1_800_000_000_000 };
  const first = await givenDynamoDb();
  await createTable(first.client);
  await first.client.send(
    new UpdateTimeToLiveCommand({
      TableName: table,
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    }),
  );
  await put(first.client, "a", "1", { color: text("red") });
  await put(first.client, "a", "2", { color: text("red"), expiresAt: number(1_800_000_000) });
  await first.close();
  const second = await givenDynamoDb({ dataDir: first.dataDir, now: () => clock.now });
  expect(second.keys).toEqual(first.keys);
  expect(await colored(second.client, "red")).toEqual(["1", "2"]);
  clock.now += 5000;
  expect(await second.expireItems()).toBe(1);
  expect(await colored(second.client, "red")).toEqual(["1"]);
});

test("given a deleted table, when one of its name is created again, then it is empty and the other table untouched", async () => {
  const { client } = await givenDynamoDb();
  await createTable(client);
  await createTable(client, "things-2");
  await put(client, "a", "1", { color: text("red") });
  await client.send(new PutItemCommand({ TableName: "things-2", Item: { pk: text("a"), sk: text("1") } }));
  await client.send(new DeleteTableCommand({ TableName: table }));
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(["things-2"]);
  await createTable(client);
  expect(await scanAll(client)).toEqual([]);
  expect(await colored(client, "red")).toEqual([]);
  expect((await client.send(new ScanCommand({ TableName: "things-2" }))).Count).toBe(1);
});

test("given a data folder in use, when a second run opens it, then it is told so, and may have it after the first", async () => {
  const first = await givenDynamoDb();
  const start = () => startEmbeddedDynamoDb({ dataDir: first.dataDir, keys: first.keys });
  await expect(start()).rejects.toThrow(`data folder ${first.dataDir} is in use by another run`);
  expect((await first.client.send(new ListTablesCommand({}))).TableNames).toEqual([]);
  await first.close();
  const second = await start();
  await second.close();
});

test("given writers at work, when the process is killed, then items and indexes hold each acknowledged write", async () => {
  const dataDir = dataFolder();
  const acknowledged = new Map<string, number>();
  const attempted = new Map<string, number>();
  for (let round = 0; round < 3; round += 1) {
    const running = await givenProcess("dynamodb", dataDir);
    const client = dynamoDbClient(running.url, running.keys);
    if (round === 0) await createTable(client);
    await checkAgreement(client, acknowledged, attempted);
    const writers = Array.from({ length: 8 }, (_, writer) =>
      writeUntilKilled(client, writer, round, acknowledged, attempted),
    );
    const goal = acknowledged.size + 100 + round * 37;
    while (acknowledged.size < goal) await new Promise((resolve) => setTimeout(resolve, 2));
    await running.kill();
    await Promise.all(writers);
  }
  const { client } = await givenDynamoDb({ dataDir });
  await checkAgreement(client, acknowledged, attempted);
  expect(acknowledged.size).toBeGreaterThanOrEqual(300);
});

/** Writes new items and moves old ones from one index key to another, until a write fails. */
async function writeUntilKilled(
  client: DynamoDBClient,
  writer: number,
  round: number,
  acknowledged: Map<string, number>,
  attempted: Map<string, number>,
): Promise<void> {
  try {
    for (let count = 0; ; count += 1) {
      for (const sk of [`${round}-${count}`, `${round}-${Math.floor(count / 2)}`]) {
        const key = `w${writer}/${sk}`;
        const value = (attempted.get(key) ?? 0) + 1;
        attempted.set(key, value);
        const color = text(`c${value % 3}`);
        await put(client, `w${writer}`, sk, { value: number(value), color, extent: text(`${value % 2}`) });
        acknowledged.set(key, value);
      }
    }
  } catch {
    // The process is gone.
  }
}

async function checkAgreement(
  client: DynamoDBClient,
  acknowledged: Map<string, number>,
  attempted: Map<string, number>,
): Promise<void> {
  const items = await scanAll(client);
  const kept = new Map(
    items.map((item) => [`${item.pk?.S}/${item.sk?.S}`, item as Record<string, { N?: string }>]),
  );
  for (const [key, value] of acknowledged) {
    // A write under way at the kill may have been done without its answer.
    expect([value, attempted.get(key)]).toContain(Number(kept.get(key)?.value?.N));
  }
  expect(await scanAll(client, "byColor")).toEqual(items);
  expect(await scanAll(client, "bySize")).toEqual(items);
  const keysOnly = items.map(({ pk, sk, color }) => ({ pk, sk, color }));
  expect(await scanAll(client, "byColorKeys")).toEqual(keysOnly);
}
