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
import type { Intent, Outcome } from "../../shared/model/attempt.ts";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import type { EventQuery, EventReader, EventWriter } from "../../shared/provisioning/ports/event-log.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { by, correlated, failed, intentAt, ofGroup, retentionDays, succeeded } from "./fixtures.ts";

const now = Date.parse("2026-11-20T12:00:00.000Z");

type Log = { writer: EventWriter; reader: EventReader };

/** What every pair of writer and reader has to do, on a log of its own. */
const behavesAsEventLog = (openLog: () => Promise<Log>) => {
  let log: Log;
  beforeAll(async () => {
    log = await openLog();
  });

  const record = async (intent: Intent, outcome: Outcome = succeeded(intent)) => {
    const built = buildEvent(intent, outcome);
    await log.writer.put(built);
    return built.event;
  };
  const all = async (query: Partial<EventQuery>): Promise<DirectoryInsightsEvent[]> => {
    const items: DirectoryInsightsEvent[] = [];
    const asked: EventQuery = { order: "desc", limit: 50, ...query };
    let cursor: string | undefined;
    do {
      const page = await log.reader.query({ ...asked, ...(cursor && { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(asked.limit);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    return items;
  };
  const idsOf = (events: DirectoryInsightsEvent[]) => events.map(({ id }) => id);

  it("gives an event back as it was built, by its id, at once", async () => {
    const event = await record(intentAt("2026-11-19T08:00:00.001Z", { integrationId: "int-get" }));
    expect(await log.reader.get(event.id)).toEqual(event);
    expect(await all({ integrationId: "int-get" })).toEqual([event]);
  });

  it("knows no event of another id, nor of something that is no id", async () => {
    expect(await log.reader.get(uuidV7(now))).toBeUndefined();
    expect(await log.reader.get("6f0d3d8e-1b5a-4d0c-9d36-1f6a3f0c8f11")).toBeUndefined();
    expect(await log.reader.get("nonsense")).toBeUndefined();
  });

  it("keeps the first of two events of one id", async () => {
    const intent = intentAt("2026-11-19T08:00:01.000Z", { integrationId: "int-twice" });
    expect(await log.writer.put(buildEvent(intent, succeeded(intent)))).toBe("written");
    expect(await log.writer.put(buildEvent(intent, failed(intent)))).toBe("present");
    expect((await log.reader.get(intent.attemptId))?.success).toBe(true);
    expect(await all({ integrationId: "int-twice", success: false })).toEqual([]);
  });

  it("lists newest first, or oldest first, each page after the other and none twice", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 23; n++) {
      const month = 8 + (n % 4);
      const at = `2026-${String(month).padStart(2, "0")}-${String(1 + (n % 18)).padStart(2, "0")}T10:00:00.000Z`;
      ids.push((await record(intentAt(at, { integrationId: "int-pages" }))).id);
    }
    const sorted = ids.toSorted();
    for (const limit of [1, 2, 7, 23, 50]) {
      expect(idsOf(await all({ integrationId: "int-pages", limit }))).toEqual(sorted.toReversed());
      expect(idsOf(await all({ integrationId: "int-pages", limit, order: "asc" }))).toEqual(sorted);
    }
    const inRange = { from: "2026-08-01T00:00:00Z", to: "2026-11-19T00:00:00Z" };
    for (const order of ["asc", "desc"] as const) {
      const everything = idsOf(await all({ ...inRange, order, limit: 4 }));
      expect(everything).toEqual(order === "asc" ? sorted : sorted.toReversed());
    }
    const exact = await log.reader.query({ integrationId: "int-pages", order: "desc", limit: 23 });
    expect(exact.items).toHaveLength(23);
    expect(exact.nextCursor).toBeUndefined();
  });

  it("takes `from` as inclusive, `to` as exclusive, in any zone", async () => {
    const integrationId = "int-range";
    const times = ["2026-10-31T23:59:59.999Z", "2026-11-01T00:00:00.000Z", "2026-11-01T00:00:00.001Z"];
    const [before, at, after] = await Promise.all(
      times.map((time) => record(intentAt(time, { integrationId }))),
    );
    const edge = "2026-11-01T01:00:00+01:00";
    expect(await all({ integrationId, from: edge })).toEqual([after, at]);
    expect(await all({ integrationId, to: edge })).toEqual([before]);
    expect(await all({ integrationId, from: times[0]!, to: edge })).toEqual([before]);
    expect(await all({ integrationId, from: edge, to: edge })).toEqual([]);
    expect(await all({ integrationId, from: after!.timestamp, to: before!.timestamp })).toEqual([]);
    expect(await all({ from: times[0]!, to: times[2]! })).toEqual([at, before]);
  });

  it("finds by each condition alone, and by several together", async () => {
    const integrationId = "int-conditions";
    const at = (second: number) => `2026-11-18T06:00:${String(second).padStart(2, "0")}.000Z`;
    const user = (id: string) => ({ resource: { type: "systemuser" as const, id, name: id } });
    const created = await record(intentAt(at(1), { integrationId, ...user("u1"), ...by("i1") }));
    const refusedIntent = intentAt(at(2), { integrationId, ...user("u1"), ...by("i2") });
    const refused = await record(refusedIntent, failed(refusedIntent));
    const lookup = intentAt(at(3), {
      integrationId,
      ...user("u2"),
      ...correlated("c1"),
      eventType: "user_lookup_provision",
    });
    const lookedUp = await record(lookup, failed(lookup));
    const grouped = await record(intentAt(at(4), { integrationId, ...ofGroup("g1"), ...correlated("c1") }));

    expect(await all({ userId: "u1" })).toEqual([refused, created]);
    expect(await all({ groupId: "g1" })).toEqual([grouped]);
    expect(await all({ initiatedBy: "i2" })).toEqual([refused]);
    expect(await all({ correlationId: "c1" })).toEqual([grouped, lookedUp]);
    expect(await all({ eventType: "user_lookup_provision" })).toEqual([lookedUp]);
    expect(await all({ success: false })).toEqual([lookedUp, refused]);
    expect(await all({ integrationId, success: false })).toEqual([lookedUp, refused]);
    expect(await all({ integrationId, success: true })).toEqual([grouped, created]);
    expect(await all({ success: true, from: at(0), to: at(9) })).toEqual([grouped, created]);
    expect(await all({ userId: "u1", success: true })).toEqual([created]);
    expect(await all({ userId: "u1", integrationId: "int-other" })).toEqual([]);
    expect(await all({ correlationId: "c1", eventType: "group_update_provision" })).toEqual([grouped]);
    expect(
      await all({ initiatedBy: "i1", eventType: "user_create_provision", from: at(1), to: at(2) }),
    ).toEqual([created]);
    expect(await all({ userId: "g1" })).toEqual([]);
    expect(await all({ groupId: "u1" })).toEqual([]);
  });

  it("lists a group's event among those of each member that it added or removed, however many", async () => {
    const integrationId = "int-members";
    const intent = intentAt("2026-11-17T06:00:00.000Z", { integrationId, ...ofGroup("big") });
    const added = Array.from({ length: 250 }, (_, n) => `m${n}`);
    const event = await record(
      intent,
      succeeded(intent, { added: [...added, "m7"], removed: ["left", "m7"] }),
    );
    const own = intentAt("2026-11-17T06:00:01.000Z", {
      integrationId,
      resource: { type: "systemuser", id: "m249", name: "m249" },
    });
    const created = await record(own, succeeded(own));

    expect(await all({ userId: "m0" })).toEqual([event]);
    expect(await all({ userId: "m7" })).toEqual([event]);
    expect(await all({ userId: "left" })).toEqual([event]);
    expect(await all({ userId: "m249" })).toEqual([created, event]);
    expect(await all({ userId: "m249", limit: 1, order: "asc" })).toEqual([event, created]);
    expect(await all({ userId: "m249", groupId: "big" })).toEqual([event]);
    expect(await all({ userId: "m249", eventType: "user_create_provision" })).toEqual([created]);
    expect(await all({ groupId: "big" })).toEqual([event]);
    expect(await all({ integrationId, limit: 1 })).toEqual([created, event]);
  });

  it("writes the same event with members twice, and has it once", async () => {
    const intent = intentAt("2026-11-17T07:00:00.000Z", ofGroup("again"));
    const built = buildEvent(intent, succeeded(intent, { added: ["a1"], removed: [] }));
    expect(await log.writer.put(built)).toBe("written");
    expect(await log.writer.put(built)).toBe("present");
    expect(await all({ userId: "a1" })).toEqual([built.event]);
  });

  it("leaves out what has expired, by id and in lists, events and references alike", async () => {
    const integrationId = "int-expired";
    const seconds = now / 1000;
    const put = async (id: string, expiresAt: number) => {
      const intent = intentAt("2026-11-16T06:00:00.000Z", { integrationId, ...ofGroup(id), expiresAt });
      return await record(intent, succeeded(intent, { added: [`of-${id}`], removed: [] }));
    };
    const gone = await put("gone", seconds);
    const kept = await put("kept", seconds + 1);
    expect(await log.reader.get(gone.id)).toBeUndefined();
    expect(await log.reader.get(kept.id)).toEqual(kept);
    expect(await all({ integrationId })).toEqual([kept]);
    expect(await all({ userId: "of-gone" })).toEqual([]);
    expect(await all({ userId: "of-kept" })).toEqual([kept]);
  });

  it("refuses a cursor that is broken or of another query, and takes one with another limit", async () => {
    const query: EventQuery = { integrationId: "int-pages", order: "desc", limit: 2 };
    const { nextCursor: cursor } = await log.reader.query(query);
    expect(cursor).toMatch(/^[\w-]+$/);
    const refused = { code: "invalid-cursor" };
    const other = { ...query, cursor: cursor! };
    await expect(log.reader.query({ ...other, order: "asc" })).rejects.toMatchObject(refused);
    await expect(log.reader.query({ ...other, integrationId: "int-range" })).rejects.toMatchObject(refused);
    await expect(log.reader.query({ ...other, to: "2026-11-01T00:00:00Z" })).rejects.toMatchObject(refused);
    for (const broken of [
      "",
      "x",
      "💥",
      cursor!.slice(2),
      Buffer.from("[1,2]").toString("base64url"),
      "bnVsbA",
    ])
      await expect(log.reader.query({ ...query, cursor: broken })).rejects.toMatchObject(refused);
    await expect(log.reader.query({ ...other, limit: 5 })).resolves.toMatchObject({ items: { length: 5 } });
  });

  it("takes ids of any length and spelling as keys", async () => {
    // 3,000 bytes: more than the key of a table or an index holds.
    const long = "長".repeat(1000);
    const event = await record(intentAt("2026-11-15T06:00:00.000Z", { ...by(long), integrationId: "a#b" }));
    expect(await all({ initiatedBy: long })).toEqual([event]);
    expect(await all({ integrationId: "a#b" })).toEqual([event]);
  });
};

let store: TestDynamoDb;
beforeAll(async () => {
  store = await startDynamoDb({ now: () => now });
});
afterAll(() => store.close());

/** A table of its own for each suite, so that "everything" is what the suite wrote. */
const logWith = async (shards: number, database: TestDynamoDb = store) => {
  const table = { client: database.client, tableName: database.eventsTableName, shards };
  return {
    writer: createEventWriter(table),
    reader: createEventReader({ ...table, now: () => now, retentionDays }),
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
      const { writer, reader } = await logWith(1, database);
      const intent = intentAt("2019-12-01T00:00:00.000Z");
      const rare = buildEvent(intent, succeeded(intent));
      // Still kept, from a time of longer retention.
      await writer.put({ ...rare, expiresAt: now / 1000 + 60 });
      const asked = { order: "desc", limit: 5, success: true, from: "2018-01-01T00:00:00Z" } as const;
      const calls = [await reader.query(asked)];
      while (calls.at(-1)?.nextCursor)
        calls.push(await reader.query({ ...asked, cursor: calls.at(-1)!.nextCursor! }));
      // 107 months, at most 50 requests a call.
      expect(calls.map(({ items }) => items)).toEqual([[], [rare.event], []]);
    } finally {
      await database.close();
    }
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
    expect(await (await logWith(1)).writer.put(recovered)).toBe("written");
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
