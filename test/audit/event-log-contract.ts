import { beforeAll, expect, it } from "vitest";
import { buildEvent } from "../../shared/audit/build-event.ts";
import type { Intent, Outcome } from "../../shared/model/attempt.ts";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import type { EventQuery, EventReader, EventWriter } from "../../shared/provisioning/ports/event-log.ts";
import { by, correlated, failed, intentAt, ofGroup, succeeded } from "./fixtures.ts";

/** What the logs take for the present. */
export const now = Date.parse("2026-11-20T12:00:00.000Z");

export type Log = { writer: EventWriter; reader: EventReader };

/** What every pair of writer and reader has to do, on a log of its own. */
export const behavesAsEventLog = (openLog: () => Promise<Log>) => {
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
    const first = buildEvent(intent, succeeded(intent));
    expect(await log.writer.put(first)).toBe(first.event);
    expect(await log.writer.put(buildEvent(intent, failed(intent)))).toEqual(first.event);
    const again = await log.writer.put(first);
    expect(again).toEqual(first.event);
    expect(again).not.toBe(first.event);
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
    for (const _ of [1, 2]) expect(await log.writer.put(built)).toEqual(built.event);
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
