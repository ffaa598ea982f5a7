import {
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTables } from "../../infra/local/dynamodb/create-tables.ts";
import { buildEvent } from "../../shared/audit/build-event.ts";
import { keyOfEvent } from "../../shared/aws/events/event-keys.ts";
import { createEventReader } from "../../shared/aws/events/event-reader.ts";
import { createEventWriter } from "../../shared/aws/events/event-writer.ts";
import { createDynamoDbClient, toItem } from "../../shared/aws/table/dynamodb-client.ts";
import { eventsTable } from "../../shared/aws/table/tables.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { behavesAsEventLog, now } from "./event-log-contract.ts";
import { by, failed, intentAt, ofGroup, retentionDays, succeeded } from "./fixtures.ts";

let store: TestDynamoDb;
beforeAll(async () => {
  store = await startDynamoDb({ now: () => now });
});
afterAll(() => store.close());

/** A table of its own for each suite, so that "everything" is what the suite wrote. */
const logWith = async (shards: number, database: TestDynamoDb = store, clock = () => now) => {
  const table = { client: database.client, tableName: database.eventsTableName, shards };
  return {
    writer: createEventWriter(table),
    reader: createEventReader({ ...table, now: clock, retentionDays }),
  };
};

for (const shards of [1, 4]) {
  describe(`an event log of ${shards} shard(s) in DynamoDB`, () => {
    let database: TestDynamoDb;
    beforeAll(async () => {
      database = await startDynamoDb({ now: () => now });
    });
    afterAll(() => database.close());
    behavesAsEventLog(() => logWith(shards, database));
  });
}

describe("the tables", () => {
  it("may be created at every start: what is in them stays, and time to live is on", async () => {
    const { writer, reader } = await logWith(1);
    const intent = intentAt("2026-11-11T06:00:00.000Z", { integrationId: "int-restart" });
    await writer.put(buildEvent(intent, succeeded(intent)));
    const names = { state: store.stateTableName, events: store.eventsTableName };
    await createTables(store.client, names);
    expect(await reader.get(intent.attemptId)).toBeDefined();
    for (const TableName of Object.values(names)) {
      const { TimeToLiveDescription } = await store.client.send(new DescribeTimeToLiveCommand({ TableName }));
      expect(TimeToLiveDescription).toMatchObject({
        AttributeName: "expiresAt",
        TimeToLiveStatus: "ENABLED",
      });
    }
  });
});

describe("the work of one call", () => {
  it("is bounded: a rare answer in a long log takes several calls, and is found", async () => {
    const database = await startDynamoDb({ now: () => now });
    try {
      let passed = 0;
      const clock = () => {
        passed += 80;
        return now + passed;
      };
      const { writer, reader } = await logWith(1, database, clock);
      const intent = intentAt("2019-12-01T00:00:00.000Z");
      const rare = buildEvent(intent, succeeded(intent));
      // Still kept, from a time of longer retention.
      await writer.put({ ...rare, expiresAt: now / 1000 + 60 });
      const asked = { order: "desc", limit: 5, success: true, from: "2018-01-01T00:00:00Z" } as const;
      const calls = [await reader.query(asked)];
      while (calls.at(-1)?.nextCursor)
        calls.push(await reader.query({ ...asked, cursor: calls.at(-1)!.nextCursor! }));
      // 107 months, and 5 s of a clock that moves at each look.
      expect(calls.length).toBeGreaterThan(1);
      expect(calls.flatMap(({ items }) => items)).toEqual([rare.event]);
    } finally {
      await database.close();
    }
  });

  it("ends a page at 4 MB of JSON, and the next page goes on", async () => {
    const { writer, reader } = await logWith(1);
    const integrationId = "int-large";
    const text = "x".repeat(22_000);
    const ids: string[] = [];
    for (let n = 0; n < 250; n += 1) {
      const at = new Date(Date.parse("2026-11-12T06:00:00.000Z") + n).toISOString();
      const intent = intentAt(at, { integrationId, ...ofGroup("large") });
      const built = buildEvent(intent, succeeded(intent));
      const event = { ...built.event, error_message: text };
      await writer.put({ ...built, event });
      ids.push(event.id);
    }
    const asked = { order: "asc", limit: 500, integrationId } as const;
    const first = await reader.query(asked);
    expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThan(4_100_000);
    expect(first.items.length).toBeGreaterThan(100);
    const second = await reader.query({ ...asked, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.nextCursor).toBeUndefined();
  });
});

describe("the writer", () => {
  it("writes the members' references before the event; one without its event is not shown", async () => {
    const { reader } = await logWith(1);
    const intent = intentAt("2026-11-14T06:00:00.000Z", ofGroup("cut-off"));
    const record = buildEvent(intent, succeeded(intent, { added: ["early"], removed: [] }));
    const client = createDynamoDbClient({
      endpoint: "http://127.0.0.1:9",
      region: "us-east-1",
      maxAttempts: 1,
    });
    const puts: string[] = [];
    client.middlewareStack.add(
      () => async (args) => {
        const { Item: item } = args.input as PutItemCommand["input"];
        puts.push(item?.pk?.S ?? "");
        if (puts.length > 1) throw new Error("killed");
        await store.client.send(new PutItemCommand(args.input as PutItemCommand["input"]));
        return { response: {}, output: { $metadata: {} } };
      },
      { step: "initialize" },
    );
    const writer = createEventWriter({ client, tableName: store.eventsTableName, shards: 1 });
    await expect(writer.put(record)).rejects.toThrow("killed");
    expect(puts).toEqual([`members#${intent.attemptId}`, "2026-11#0"]);
    expect((await reader.query({ userId: "early", order: "desc", limit: 5 })).items).toEqual([]);
    // Recovery finishes it, with another outcome: the event tells the truth, the reference only points to it.
    const recovered = buildEvent(intent, { ...failed(intent), members: { added: ["early"], removed: [] } });
    expect(await (await logWith(1)).writer.put(recovered)).toEqual(recovered.event);
    const found = await reader.query({ userId: "early", success: false, order: "desc", limit: 5 });
    expect(found.items).toEqual([recovered.event]);
  });

  it("keeps the document readable under its own field names, with few bytes for a reference", async () => {
    const { writer } = await logWith(1);
    const intent = intentAt("2026-11-13T06:00:00.000Z", ofGroup("plain"));
    await writer.put(buildEvent(intent, succeeded(intent, { added: ["ann"], removed: ["ben"] })));
    const query = async (pk: string) =>
      (
        await store.client.send(
          new QueryCommand({
            TableName: store.eventsTableName,
            KeyConditionExpression: "pk = :pk AND begins_with(sk, :time)",
            ExpressionAttributeValues: { ":pk": { S: pk }, ":time": { S: intent.startedAt } },
          }),
        )
      ).Items ?? [];
    const [event] = await query("2026-11#0");
    expect(event).toMatchObject({
      idm_client_id: { S: "int-strongdm" },
      success: { BOOL: true },
      members_added: { L: [{ S: "ann" }] },
      expiresAt: { N: String(intent.expiresAt) },
      subjectKey: { S: "group#plain" },
    });
    expect(event).not.toHaveProperty("failureKey");
    const references = await query(`members#${intent.attemptId}`);
    expect(references.map(({ user_id, op, expiresAt }) => [user_id?.S, op?.S, expiresAt?.N])).toEqual([
      ["ann", "added", String(intent.expiresAt)],
      ["ben", "removed", String(intent.expiresAt)],
    ]);
    expect(JSON.stringify(references[0]).length).toBeLessThan(1024);
  });

  it("writes no key that is longer than a table or an index takes", async () => {
    const { writer } = await logWith(1);
    const long = "長".repeat(1000);
    const intent = intentAt("2026-11-12T05:00:00.000Z", {
      actor: { ...by(long).actor, correlation: { id: long, type: "request" } },
      resource: { type: "systemuser", id: long, name: long },
      integrationId: long,
      eventType: "user_deprovision",
    });
    const written = buildEvent(intent, succeeded(intent));
    await writer.put(written);
    const Key = toItem(keyOfEvent(written.event, 1));
    const { Item = {} } = await store.client.send(
      new GetItemCommand({ TableName: store.eventsTableName, Key }),
    );
    const { indexes } = eventsTable;
    const keys = indexes.flatMap(({ partitionKey }) => Item[partitionKey]?.S ?? []);
    // All but failureKey; the local store lets keys of an index be longer than the 2,048 bytes of a partition key.
    expect(keys).toHaveLength(indexes.length - 1);
    expect(keys.filter((key) => Buffer.byteLength(key) > 2048)).toEqual([]);
    expect(Buffer.byteLength(Item.sk?.S ?? "")).toBeLessThanOrEqual(1024);
  });

  it("finds an event as version 0.1 wrote it, by everything, and gives it back as it was", async () => {
    const { reader } = await logWith(1);
    const correlation = { id: "call-of-0.1", type: "request" };
    const actor = { ...by("usher").actor, correlation };
    const resource = { type: "systemuser" as const, id: "of-0.1", name: "of-0.1@example.com" };
    const intent = intentAt("2026-11-12T05:30:00.000Z", { actor, resource, integrationId: "int-0.1" });
    const { event, expiresAt } = buildEvent(intent, failed(intent));
    const keys = {
      ...keyOfEvent(event, 1),
      integrationKey: "int-0.1#0",
      typeKey: "user_create_provision#0",
      initiatorKey: "usher#0",
      failureKey: "failed#0",
      subjectKey: "user#of-0.1",
      correlationKey: "call-of-0.1",
    };
    const Item = toItem({ ...event, ...keys, expiresAt });
    await store.client.send(new PutItemCommand({ TableName: store.eventsTableName, Item }));
    expect(event.association).toBeDefined();
    const conditions = [
      { integrationId: "int-0.1" },
      { userId: "of-0.1" },
      { correlationId: "call-of-0.1" },
      { initiatedBy: "usher", from: "2026-11-12T00:00:00.000Z" },
      { eventType: "user_create_provision" as const, from: "2026-11-12T00:00:00.000Z" },
      { success: false },
    ];
    for (const query of conditions) {
      const { items } = await reader.query({ ...query, order: "desc", limit: 500 });
      expect(items.filter(({ id }) => id === event.id)).toEqual([event]);
    }
    expect(await reader.get(event.id)).toEqual(event);
  });

  it("throws where the store does not answer; the reader says `store-unavailable`", async () => {
    const client = createDynamoDbClient({
      endpoint: "http://127.0.0.1:9",
      region: "us-east-1",
      maxAttempts: 1,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    });
    const table = { client, tableName: "t", shards: 1 };
    const intent = intentAt("2026-11-12T06:00:00.000Z");
    await expect(createEventWriter(table).put(buildEvent(intent, succeeded(intent)))).rejects.toThrow();
    const reader = createEventReader({ ...table, now: () => now, retentionDays });
    const unavailable = { code: "store-unavailable", extras: { retryAfterSeconds: 5 } };
    await expect(reader.get(intent.attemptId)).rejects.toMatchObject(unavailable);
    await expect(reader.query({ order: "desc", limit: 1 })).rejects.toMatchObject(unavailable);
    await expect(reader.query({ order: "desc", limit: 1, from: "soon" })).rejects.toMatchObject({
      code: "invalid-input",
    });
  });
});
