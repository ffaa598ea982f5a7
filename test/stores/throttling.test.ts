import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answerInProcess } from "../../infra/local/in-process/commands.ts";
import { AwsError } from "../../infra/local/signing/aws-error.ts";
import { buildEvent } from "../../shared/audit/build-event.ts";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { createUserStore } from "../../shared/aws/directory/user-store.ts";
import { createEventWriter } from "../../shared/aws/events/event-writer.ts";
import { createBatches } from "../../shared/aws/table/batches.ts";
import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";
import { waitForTable } from "../../shared/aws/table/throttling.ts";
import { withinTime } from "../../shared/common/within-time.ts";
import { intentAt, succeeded } from "../audit/fixtures.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { newId } from "./samples.ts";

let db: TestDynamoDb;
/** Whether the table takes the n-th request, from 1; how much of a batch it takes. */
let takes: (nth: number) => boolean;
let ofBatch: <T>(requests: T[]) => T[];
let count = 0;
let refusedWith = "ProvisionedThroughputExceededException";

/** A table with little to give, as its store sees it. */
const tight = () => {
  const client = answerInProcess(
    createDynamoDbClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1" }),
    async (operation, input) => {
      count += 1;
      if (!takes(count)) throw new AwsError(400, { __type: refusedWith, message: "slow down" });
      return answered(operation, input);
    },
  );
  return { client, tableName: db.stateTableName };
};
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());
beforeEach(() => {
  count = 0;
  takes = () => true;
  ofBatch = (requests) => requests;
  refusedWith = "ProvisionedThroughputExceededException";
});

/** The embedded store's answer, with what was left of a batch as DynamoDB tells it. */
const answered = async (operation: string, input: object): Promise<object> => {
  const commands = await import("@aws-sdk/client-dynamodb");
  const send = (fields: object) => {
    const Command = commands[`${operation}Command` as "PutItemCommand"];
    return db.client.send(new Command(fields as never)) as Promise<object>;
  };
  const { RequestItems } = input as { RequestItems?: Record<string, unknown> };
  if (!RequestItems) return send(input);
  const [[table = "", asked] = []] = Object.entries(RequestItems);
  if (operation === "BatchWriteItem") {
    const taken = ofBatch(asked as object[]);
    const left = (asked as object[]).filter((one) => !taken.includes(one));
    if (taken.length > 0) await send({ RequestItems: { [table]: taken } });
    return left.length > 0 ? { UnprocessedItems: { [table]: left } } : {};
  }
  const { Keys, ...how } = asked as { Keys: object[] };
  const taken = ofBatch(Keys);
  const left = Keys.filter((key) => !taken.includes(key));
  const found = taken.length > 0 ? await send({ RequestItems: { [table]: { Keys: taken, ...how } } }) : {};
  return { ...found, ...(left.length > 0 && { UnprocessedKeys: { [table]: { Keys: left, ...how } } }) };
};

const ada = { email: "ada@example.com", firstname: "Ada", lastname: "Osei" };
const inTime = <T>(ms: number, work: () => Promise<T>) => withinTime(Date.now() + ms, work);

it.each(["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"])(
  "a write and a read are carried out once the table takes them again, after %s a few times",
  async (name) => {
    refusedWith = name;
    takes = (nth) => nth > 4;
    const users = createUserStore(tight());
    const userId = newId("user");
    expect(await inTime(25_000, () => users.save(userId, 0, ada))).toMatchObject({ version: 1 });
    expect(count).toBe(5);
    count = 0;
    expect(await inTime(25_000, () => users.read(userId))).toMatchObject({ version: 1 });
    expect(count).toBe(5);
  },
);

it("a table that takes every other request takes a whole group, and every member once", async () => {
  takes = (nth) => nth % 2 === 0;
  ofBatch = (requests) => requests.filter((_, at) => at % 2 === 0);
  const groups = createGroupStore(tight());
  const groupId = newId("group");
  const add = Array.from({ length: 100 }, (_, at) => `member-${at}`);
  const saved = await inTime(25_000, () =>
    groups.change(groupId, undefined, { name: "All", add, remove: [] }),
  );
  expect(saved).toMatchObject({ version: 1, memberCount: 100 });
  expect((await groups.membersAmong(groupId, 1, add)).size).toBe(100);
});

it("an event and its references are put in spite of bursts", async () => {
  takes = (nth) => nth % 10 > 6;
  const { client } = tight();
  const intent = intentAt("2026-11-27T08:00:00Z");
  const events = createEventWriter({ client, tableName: db.eventsTableName, shards: 1 });
  const record = buildEvent(intent, succeeded(intent));
  expect(await inTime(25_000, () => events.put(record))).toMatchObject({ id: record.event.id });
});

describe("a table that takes nothing", () => {
  beforeEach(() => {
    takes = () => false;
  });

  it("is waited for until the call's own end, and is then unavailable", async () => {
    const began = Date.now();
    const users = createUserStore(tight());
    await expect(inTime(1_000, () => users.read(newId("user")))).rejects.toMatchObject({
      code: "store-unavailable",
      extras: { retryAfterSeconds: 5 },
    });
    expect(Date.now() - began).toBeLessThan(1_500);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_000);
    expect(count).toBeGreaterThan(4);
  });

  it("ends a batch of which it processes nothing as well", async () => {
    takes = () => true;
    ofBatch = () => [];
    const batches = createBatches(tight());
    const began = Date.now();
    const reading = inTime(1_000, () => batches.get([{ pk: "USER#one", sk: "PROFILE" }]));
    await expect(reading).rejects.toMatchObject({ code: "store-unavailable" });
    expect(Date.now() - began).toBeLessThan(1_500);
  });
});

it("what is refused for another reason is not waited for", async () => {
  refusedWith = "ValidationException";
  takes = () => false;
  await expect(createUserStore(tight()).read(newId("user"))).rejects.toThrow();
  expect(count).toBe(1);
});

it("waits twice as long each time, up to half a second, and by chance anything below", async () => {
  const waited: number[] = [];
  const waiting = (random: number) => ({
    now: () => 0,
    sleep: async (ms: number) => waited.push(ms),
    random: () => random,
  });
  for (const tries of [0, 1, 2, 5, 6, 60]) await waitForTable(tries, waiting(0.5));
  expect(waited).toEqual([25, 50, 100, 250, 250, 250]);
  await waitForTable(60, waiting(0));
  expect(waited.at(-1)).toBe(0);
});
