import { GetItemCommand, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { fromItem } from "../../shared/aws/table/dynamodb-client.ts";
import { createWorkIndex } from "../../shared/aws/table/work-index.ts";
import type { SavedGroup } from "../../shared/model/directory.ts";
import type { GroupChange, GroupStore } from "../../shared/provisioning/ports/directory-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { clientWithHooks, dyingClient, forgetfulClient } from "./faults.ts";
import { groupStoreContract } from "./group-store-contract.ts";
import { all, newId } from "./samples.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

let clock = Date.now();
const leaseMs = 41_000;
const storeOn = (client = db.client): GroupStore =>
  createGroupStore({ client, tableName: db.stateTableName, now: () => clock });

/** Name and members as any reader sees them now. */
const seen = async (groupId: string): Promise<{ name: string; members: string[] } | undefined> => {
  const groups = storeOn();
  const group = await groups.read(groupId);
  if (!group) return undefined;
  const members = await all(groups.members(groupId, group.version));
  const { items } = await groups.page(group, { limit: 500 });
  expect(items.filter(({ member }) => member).map(({ userId }) => userId)).toEqual(members);
  expect([...(await groups.membersAmong(groupId, group.version, ["a", "b", "c", "d"]))].toSorted()).toEqual(
    members,
  );
  return { name: group.name, members };
};
const make = (groupId: string, add = ["a", "b"]): Promise<SavedGroup> =>
  storeOn().change(groupId, undefined, { name: "Old", add, remove: [] });

const before = { name: "Old", members: ["a", "b"] };
const change: GroupChange = { name: "New", add: ["c", "d"], remove: ["a"] };
const after = { name: "New", members: ["b", "c", "d"] };

/** The change under way, asleep with its writes of all three members until it is woken. */
const givenAsleep = async (groupId: string, group: SavedGroup) => {
  const asleep = Promise.withResolvers<void>();
  const falls = Promise.withResolvers<void>();
  const client = await clientWithHooks(db, {
    before: async (nth) => {
      if (nth < 3) return;
      falls.resolve();
      await asleep.promise;
    },
  });
  const late = storeOn(client).change(groupId, group, change);
  await falls.promise;
  return { late, wake: asleep.resolve };
};

describe("group store", () =>
  groupStoreContract(async () => ({
    groups: storeOn(),
    passTime: (ms) => {
      clock += ms;
    },
  })));

describe("a change of a group", () => {
  it("is seen by nobody before it is whole", async () => {
    const groupId = newId("group");
    const group = await make(groupId);
    const sights: unknown[] = [];
    const look = async () => {
      sights.push(await seen(groupId));
    };
    const client = await clientWithHooks(db, { before: look, after: look });
    await storeOn(client).change(groupId, group, change);
    const turned = sights.findIndex((sight) => (sight as typeof before).name === "New");
    expect(turned).toBeGreaterThan(8);
    expect(sights.slice(0, turned)).toEqual(Array(turned).fill(before));
    expect(sights.slice(turned)).toEqual(Array(sights.length - turned).fill(after));
  });

  it("of a group that is being made neither", async () => {
    const groupId = newId("group");
    const sights: unknown[] = [];
    const client = await clientWithHooks(db, { before: async () => void sights.push(await seen(groupId)) });
    await storeOn(client).change(groupId, undefined, { name: "New", add: ["a", "b"], remove: [] });
    expect(sights).toEqual(Array(5).fill(undefined));
    expect(await seen(groupId)).toEqual({ name: "New", members: ["a", "b"] });
  });

  // Hold, marks, three members, the version, the leaver's expiry.
  for (const moment of ["before", "after"] as const) {
    for (let nth = 1; nth <= 7; nth += 1) {
      it(`leaves the old or the new group when its process dies ${moment} write ${nth}, and the next change goes on`, async () => {
        const groupId = newId("group");
        const group = await make(groupId);
        const dying = storeOn(await dyingClient(db, nth, moment));
        const result = await dying.change(groupId, group, change).catch((error: unknown) => error);
        const isDone = nth === 7 || (nth === 6 && moment === "after");
        expect(await seen(groupId)).toEqual(isDone ? after : before);
        if (nth < 7) expect(result).toMatchObject({ code: "store-unavailable" });

        clock += leaseMs;
        const found = await storeOn().read(groupId);
        if (isDone) return;
        expect(found).toEqual(group);
        const next = await storeOn().change(groupId, group, { name: "Next", add: ["d"], remove: ["b"] });
        expect(next.version).toBeGreaterThan(group.version);
        expect(await seen(groupId)).toEqual({ name: "Next", members: ["a", "d"] });
        const changed = await storeOn().changedBetween(groupId, group.version, next.version);
        expect(changed).toEqual(expect.arrayContaining(["b", "d"]));
      });
    }
  }

  it("that failed in a living process lets go of the group at once", async () => {
    const groupId = newId("group");
    const group = await make(groupId);
    const client = await clientWithHooks(db, {
      before: (nth) => {
        if (nth === 4) throw new Error("no answer");
      },
    });
    await expect(storeOn(client).change(groupId, group, change)).rejects.toMatchObject({
      code: "store-unavailable",
    });
    await storeOn().change(groupId, group, { name: "Next", add: [], remove: [] });
    expect(await seen(groupId)).toEqual({ name: "Next", members: ["a", "b"] });
  });

  it("holds the group until its lease is over", async () => {
    const groupId = newId("group");
    const group = await make(groupId);
    await storeOn(await dyingClient(db, 3, "before"))
      .change(groupId, group, change)
      .catch(() => {});
    for (const add of [["d"], []])
      await expect(storeOn().change(groupId, group, { name: "Next", add, remove: [] })).rejects.toMatchObject(
        {
          code: "attempt-in-progress",
        },
      );
    clock += leaseMs;
    const renamed = await storeOn().change(groupId, group, { name: "Next", add: [], remove: [] });
    expect(await seen(groupId)).toEqual({ name: "Next", members: ["a", "b"] });
    expect(await storeOn().read(groupId)).toEqual(renamed);
  });

  it("that slept past its lease does no harm when it wakes, whoever went on meanwhile", async () => {
    const groupId = newId("group");
    const group = await make(groupId);
    const { late, wake } = await givenAsleep(groupId, group);
    clock += leaseMs;
    const next = await storeOn().change(groupId, group, { name: "Next", add: ["d"], remove: ["b"] });
    wake();
    await expect(late).rejects.toMatchObject({ code: "attempt-in-progress" });
    expect(await seen(groupId)).toEqual({ name: "Next", members: ["a", "d"] });
    const last = await storeOn().change(groupId, next, { name: "Last", add: ["c"], remove: [] });
    expect(await all(storeOn().members(groupId, last.version))).toEqual(["a", "c", "d"]);
  });

  it("renews its lease while it is at work", async () => {
    const groupId = newId("group");
    const users = Array.from({ length: 600 }, (_, at) => `u${at}`);
    let rival: unknown;
    const client = await clientWithHooks(db, {
      after: async (nth) => {
        if (nth === 100 || nth === 520) clock += 25_000;
        if (nth !== 560) return;
        const other = { name: "Rival", add: ["x"], remove: [] };
        rival = await storeOn()
          .change(groupId, undefined, other)
          .catch((error: unknown) => error);
      },
    });
    const group = await storeOn(client).change(groupId, undefined, { name: "Big", add: users, remove: [] });
    expect(rival).toMatchObject({
      code: "attempt-in-progress",
      detail: expect.stringContaining("under way"),
    });
    expect(await all(storeOn().members(groupId, group.version))).toHaveLength(600);
  });

  it("goes on, where the same change was begun before, from what that has written, and under its version", async () => {
    const groupId = newId("group");
    const group = await make(groupId);
    const users = Array.from({ length: 60 }, (_, at) => `u${String(at).padStart(2, "0")}`);
    const big = { name: "Big", add: users, remove: ["a"] };
    let writes = 0;
    const counting = await clientWithHooks(db, {
      before: () => {
        writes += 1;
      },
    });
    await storeOn(await dyingClient(db, 40, "after"))
      .change(groupId, group, big)
      .catch(() => {});
    expect(await seen(groupId)).toEqual(before);
    clock += leaseMs;
    const given = { ...big, before: new Map([["a", { member: true }]]) };
    const saved = await storeOn(counting).change(groupId, group, given);
    expect(saved.version).toBe(group.version + 1);
    expect(writes).toBeLessThan(61 - 30 + 6);
    expect(await all(storeOn().members(groupId, saved.version))).toEqual(["b", ...users].toSorted());
    expect(await storeOn().changedBetween(groupId, group.version, saved.version)).toHaveLength(61);
  });

  it("ends at its time, and is done after some calls of that time", async () => {
    const groupId = newId("group");
    const group = await make(groupId);
    const users = Array.from({ length: 200 }, (_, at) => `u${String(at).padStart(3, "0")}`);
    const slow = await clientWithHooks(db, {
      after: () => {
        clock += 10;
      },
    });
    let calls = 0;
    let saved: SavedGroup | undefined;
    const asked = {
      by: { type: "admin", id: "grace" },
      at: "",
      correlation: { id: "first", type: "request" },
    };
    while (!saved && calls < 20) {
      calls += 1;
      const given = { name: "Slow", add: users, remove: [], until: clock + 500 };
      const correlation = { id: calls === 1 ? "first" : `later-${calls}`, type: "request" };
      saved = await storeOn(slow)
        .change(groupId, group, { ...given, asked: { ...asked, correlation } })
        .catch((error: unknown) => {
          expect(error).toMatchObject({ code: "store-unavailable", extras: { saving: { total: 200 } } });
          return undefined;
        });
    }
    expect(calls).toBeGreaterThan(1);
    expect(await all(storeOn().members(groupId, saved?.version ?? 0))).toHaveLength(202);
    // It is the act of the call that began it.
    expect((await storeOn().read(groupId))?.asked).toEqual(asked);
  });

  describe("that takes longer than its call", () => {
    const users = Array.from({ length: 500 }, (_, at) => `u${String(at).padStart(3, "0")}`);
    const asked = {
      by: { type: "admin", id: "grace" },
      at: "2026-11-27T08:00:00.000Z",
      correlation: { id: "first", type: "request" },
    };
    const next = { integrationId: "int-1", at: asked.at, binds: true as const };
    const wish = { name: "Slow", add: users, remove: ["a"], asked, next };
    const slowly = () =>
      clientWithHooks(db, {
        after: () => {
          clock += 10;
        },
      });
    const begun = async () => {
      const groupId = newId("group");
      const group = await make(groupId);
      const store = storeOn(await slowly());
      const change = () => store.change(groupId, group, { ...wish, until: clock + 3_500 });
      await expect(change()).rejects.toMatchObject({
        code: "store-unavailable",
        extras: { retryAfterSeconds: 5, saving: { done: 200, total: 501, correlationId: "first" } },
      });
      return { groupId, group, store, change };
    };

    it("is found by its mark, goes on by itself from where it has come to, and counts as a whole, once", async () => {
      const { groupId, group, store } = await begun();
      expect(await storeOn().read(groupId)).toMatchObject({ version: group.version, saving: { done: 200 } });
      expect(await all(storeOn().members(groupId, group.version))).toEqual(["a", "b"]);
      const work = createWorkIndex({ client: db.client, tableName: db.stateTableName, now: () => clock });
      const marked = async () => (await work.changed(clock, 1_000)).some(({ id }) => id === groupId);
      expect(await marked()).toBe(true);
      // Whoever dispatches an earlier change takes no mark away of what is still to be written.
      expect(await store.dispatched(groupId, group.version)).toBe(false);
      const came: unknown[] = [];
      for (let tries = 0; tries < 9 && (await storeOn().read(groupId))?.saving; tries += 1) {
        came.push((await storeOn().read(groupId))?.saving?.done);
        await store.resume(groupId, clock + 700).catch(() => undefined);
      }
      expect(came.length).toBeGreaterThan(1);
      expect(came).toEqual(came.toSorted((one, other) => Number(one) - Number(other)));
      const saved = await storeOn().read(groupId);
      expect(saved).toMatchObject({ memberCount: 501, asked, changed: { next: [next] } });
      expect(saved?.saving).toBeUndefined();
      expect(await all(storeOn().members(groupId, saved?.version ?? 0))).toHaveLength(501);
      expect(await marked()).toBe(true);
      expect(await store.dispatched(groupId, saved?.version ?? 0)).toBe(true);
      expect(await marked()).toBe(false);
      await store.resume(groupId, clock + 3_500);
      expect(await storeOn().read(groupId)).toMatchObject({ version: saved?.version });
    });

    it("is given up for no other change, and the same one is told how far it has come while it is gone on with", async () => {
      const { groupId, group, store, change } = await begun();
      const other = storeOn().change(groupId, group, { name: "Other", add: [], remove: ["b"] });
      await expect(other).rejects.toMatchObject({ code: "attempt-in-progress" });
      let asleep: Promise<unknown> | undefined;
      const waking = await clientWithHooks(db, {
        before: async (nth) => {
          if (nth === 3) asleep ??= change().catch((error: unknown) => error);
          if (nth === 3) await asleep;
        },
      });
      await storeOn(waking).resume(groupId, clock + 60_000);
      expect(await asleep).toMatchObject({ extras: { saving: { done: 200, total: 501 } } });
      expect(await store.read(groupId)).toMatchObject({ memberCount: 501 });
    });
  });

  it("does no harm when it wakes after the same change went on in its place, and a later one after that", async () => {
    const groupId = newId("group");
    const group = await make(groupId);
    const { late, wake } = await givenAsleep(groupId, group);
    clock += leaseMs;
    const next = await storeOn().change(groupId, group, change);
    const last = await storeOn().change(groupId, next, { name: "Last", add: ["a"], remove: ["c"] });
    wake();
    await expect(late).rejects.toMatchObject({ code: "attempt-in-progress" });
    expect(await seen(groupId)).toEqual({ name: "Last", members: ["a", "b", "d"] });
    expect(await all(storeOn().members(groupId, last.version))).toEqual(["a", "b", "d"]);
  });

  it("knows its own writes when every reply is lost once", async () => {
    const groupId = newId("group");
    const forgetful = storeOn(await forgetfulClient(db));
    const made = await forgetful.change(groupId, undefined, { name: "Old", add: ["a", "b"], remove: [] });
    const renamed = await forgetful.change(groupId, made, { name: "Renamed", add: [], remove: [] });
    const changed = await forgetful.change(groupId, renamed, change);
    expect(await seen(groupId)).toEqual(after);
    expect(await storeOn().read(groupId)).toEqual(changed);
  });
});

describe("what a group keeps", () => {
  const itemOf = async <T = object>(groupId: string, sk: string): Promise<T> => {
    const Key = { pk: { S: `GROUP#${groupId}` }, sk: { S: sk } };
    const { Item = {} } = await db.client.send(new GetItemCommand({ TableName: db.stateTableName, Key }));
    return fromItem<T>(Item);
  };

  it("lets a leaver's trace expire only once the change is whole", async () => {
    const groupId = newId("group");
    const group = await make(groupId);
    await storeOn(await dyingClient(db, 6, "before"))
      .change(groupId, group, change)
      .catch(() => {});
    expect(await itemOf(groupId, "MEMBER#a")).toMatchObject({ present: false, version: 2 });
    expect(await itemOf(groupId, "MEMBER#a")).not.toHaveProperty("expiresAt");
    clock += leaseMs;
    await storeOn().change(groupId, group, change);
    expect(await itemOf(groupId, "MEMBER#a")).toMatchObject({
      expiresAt: Math.floor(clock / 1000) + 30 * 86_400,
    });
    expect(await itemOf(groupId, "MEMBER#b")).not.toHaveProperty("expiresAt");
  });

  it("never lets a member expire who is named to join and to leave at once", async () => {
    const groupId = newId("group");
    const group = await make(groupId);
    await storeOn().change(groupId, group, { name: "New", add: ["c"], remove: ["c", "b"] });
    expect(await seen(groupId)).toEqual({ name: "New", members: ["a", "c"] });
    expect(await itemOf(groupId, "MEMBER#c")).not.toHaveProperty("expiresAt");
    expect(await itemOf(groupId, "MEMBER#b")).toHaveProperty("expiresAt");
  });

  it("forgets changes that were given up, once there are many, and their writes still count for nothing", async () => {
    const groupId = newId("group");
    const made = await make(groupId, ["a", "b", "e"]);
    const group = await storeOn().change(groupId, made, { name: "Old", add: [], remove: ["e"] });
    const giveUp = async (nth: number, given: GroupChange) => {
      const dying = storeOn(await dyingClient(db, nth, "before"));
      await expect(dying.change(groupId, group, given)).rejects.toMatchObject({ code: "store-unavailable" });
      clock += leaseMs;
    };
    // The first one touched members that the others leave alone: one joined, one left, one came back.
    await giveUp(6, { name: "New", add: ["c", "e"], remove: ["a"] });
    for (let at = 0; at < 25; at += 1) await giveUp(5, { name: `New ${at}`, add: ["d"], remove: [] });
    const kept = async () => (await itemOf<{ voided: number[] }>(groupId, "PROFILE")).voided;
    const shown = async () => {
      const saved = await storeOn().read(groupId);
      return (await storeOn().page(saved ?? group, { limit: 9 })).items.map(({ since: _, ...item }) => item);
    };
    const members = [
      { userId: "a", member: true },
      { userId: "b", member: true },
    ];
    const left = { userId: "e", member: false };
    expect(await shown()).toEqual([...members, left]);
    // The change that clears them dies as well, just before it takes effect.
    await giveUp(8, { name: "Next", add: ["d"], remove: [] });
    expect(await kept()).toHaveLength(26);
    expect(await shown()).toEqual([...members, left]);
    expect(await itemOf(groupId, "MEMBER#c")).toEqual({});
    await storeOn().change(groupId, group, { name: "Next", add: ["d"], remove: [] });
    expect(await kept()).toHaveLength(10);
    expect(await shown()).toEqual([...members, { userId: "d", member: true }, left]);
    expect(await seen(groupId)).toEqual({ name: "Next", members: ["a", "b", "d"] });
  });

  it("costs what changes, not what is there", async () => {
    const groupId = newId("group");
    const users = Array.from({ length: 300 }, (_, at) => `u${at}`);
    const group = await make(groupId, users);
    let count = 0;
    const client = await clientWithHooks(db, {
      after: () => {
        count += 1;
      },
    });
    await storeOn(client).change(groupId, group, { name: "Old", add: ["new"], remove: [] });
    expect(count).toBe(4);
    const marks = await db.client.send(
      new QueryCommand({
        TableName: db.stateTableName,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :change)",
        ExpressionAttributeValues: { ":pk": { S: `GROUP#${groupId}` }, ":change": { S: "CHANGE#" } },
      }),
    );
    expect(marks.Items).toHaveLength(1);
  });
});

describe("a group that was saved before members were counted", () => {
  const uncount = async (groupId: string) => {
    await db.client.send(
      new UpdateItemCommand({
        TableName: db.stateTableName,
        Key: { pk: { S: `GROUP#${groupId}` }, sk: { S: "PROFILE" } },
        UpdateExpression: "REMOVE memberCount, listPk, listSk",
      }),
    );
    const group = await storeOn().read(groupId);
    if (!group) throw new Error("there is no group");
    return group;
  };
  const isListed = async (groupId: string) =>
    (await storeOn().list({ limit: 500 })).items.some((group) => group.groupId === groupId);

  it("has no count, which no change makes up", async () => {
    const groupId = newId("group");
    await make(groupId);
    const group = await uncount(groupId);
    expect(group).not.toHaveProperty("memberCount");
    expect(await storeOn().change(groupId, group, change)).not.toHaveProperty("memberCount");
    expect(await isListed(groupId)).toBe(true);
  });

  it("is given one, is listed from then on, and counts on from it", async () => {
    const groupId = newId("group");
    await make(groupId);
    const group = await uncount(groupId);
    expect(await isListed(groupId)).toBe(false);
    await storeOn().noteCount(group, 2);
    const counted = { ...group, memberCount: 2 };
    expect(await storeOn().read(groupId)).toEqual(counted);
    expect(await isListed(groupId)).toBe(true);
    await storeOn().noteCount(counted, 9);
    expect(await storeOn().change(groupId, counted, change)).toMatchObject({ memberCount: 3 });
  });

  it("is given none while it changes, or once it has changed", async () => {
    const groupId = newId("group");
    await make(groupId);
    const group = await uncount(groupId);
    const { late, wake } = await givenAsleep(groupId, group);
    await storeOn().noteCount(group, 2);
    wake();
    await late;
    await storeOn().noteCount(group, 2);
    expect(await storeOn().read(groupId)).not.toHaveProperty("memberCount");
  });
});
