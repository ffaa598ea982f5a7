import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createPushedMemberStore } from "../../shared/aws/links/pushed-member-store.ts";
import { fromItem } from "../../shared/aws/table/dynamodb-client.ts";
import type { PushedMember } from "../../shared/model/link.ts";
import type { PushedMemberStore } from "../../shared/provisioning/ports/directory-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { dyingClient } from "./faults.ts";
import { all, newId } from "./samples.ts";

const member = (userId: string, state: PushedMember["state"]): PushedMember => ({
  userId,
  state,
  since: "2026-03-01T00:00:00.000Z",
  by: "admin-1",
  eventId: "e1",
  ...(state === "pending" ? {} : { remoteId: `r-${userId}` }),
});

/** What every PushedMemberStore owes its callers. */
const pushedMemberStoreContract = (makeStore: () => Promise<PushedMemberStore>): void => {
  let store: PushedMemberStore;
  let group: [integrationId: string, groupId: string];
  beforeEach(async () => {
    store = await makeStore();
    group = [newId("int"), newId("group")];
  });

  it("keeps what was pushed and removed, of this group in this integration alone", async () => {
    const members = [member("a", "pushed"), member("b", "removed")];
    await store.save(...group, members);
    await store.save(newId("int"), group[1], [member("c", "pushed")]);
    await store.save(group[0], newId("group"), [member("d", "pushed")]);
    expect(await all(store.all(...group))).toEqual(members);
    expect(await store.among(...group, ["a", "b", "c", "d"])).toEqual(
      new Map(members.map((one) => [one.userId, one])),
    );
    expect(await store.pending(...group)).toEqual([]);
  });

  it("notes who waits, without hiding what was pushed before", async () => {
    await store.save(...group, [member("a", "pushed")]);
    await store.save(...group, [member("a", "pending"), member("b", "pending")]);
    expect(await store.pending(...group)).toEqual(["a", "b"]);
    expect(await store.among(...group, ["a", "b"])).toEqual(new Map([["a", member("a", "pushed")]]));
    expect(await all(store.all(...group))).toEqual([member("a", "pushed")]);
  });

  it("ends the waiting of those that are pushed or removed, and of no others", async () => {
    await store.save(
      ...group,
      ["a", "b", "c"].map((userId) => member(userId, "pending")),
    );
    await store.save(...group, [member("a", "pushed"), member("b", "removed"), member("d", "pushed")]);
    expect(await store.pending(...group)).toEqual(["c"]);
    expect((await all(store.all(...group))).map(({ userId, state }) => [userId, state])).toEqual([
      ["a", "pushed"],
      ["b", "removed"],
      ["d", "pushed"],
    ]);
  });

  it("may be told the same again, and twice at once; the last word counts", async () => {
    const twice = [member("a", "pushed"), member("a", "removed")];
    await store.save(...group, twice);
    await store.save(...group, twice);
    await store.save(...group, []);
    expect(await all(store.all(...group))).toEqual([member("a", "removed")]);
  });

  it("takes and yields more than one batch", async () => {
    const users = Array.from({ length: 230 }, (_, at) => `u${String(at).padStart(3, "0")}`);
    await store.save(
      ...group,
      users.map((userId) => member(userId, "pending")),
    );
    expect(await store.pending(...group)).toEqual(users);
    await store.save(
      ...group,
      users.map((userId) => member(userId, "pushed")),
    );
    expect(await store.pending(...group)).toEqual([]);
    expect([...(await store.among(...group, users)).keys()]).toEqual(users);
  });
};

describe("pushed member store", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());
  const now = Math.floor(Date.now() / 1000) * 1000;
  const storeOn = (client = db.client) =>
    createPushedMemberStore({ client, tableName: db.stateTableName, now: () => now });

  pushedMemberStoreContract(async () => storeOn());

  it("lets the trace of a removed member expire, and of no other, nor of one whose group was not told", async () => {
    const group = [newId("int"), newId("group")] as const;
    const expiry = async (userId: string) => {
      const Key = { pk: { S: `PUSHED#${group[0]}#${group[1]}` }, sk: { S: `MEMBER#${userId}` } };
      const { Item } = await db.client.send(new GetItemCommand({ TableName: db.stateTableName, Key }));
      return fromItem<{ expiresAt?: number }>(Item ?? {}).expiresAt;
    };
    const untold = { ...member("c", "removed"), isUnsent: true as const };
    await storeOn().save(...group, [member("a", "removed"), member("b", "pushed"), untold]);
    expect(await expiry("c")).toBeUndefined();
    expect((await storeOn().among(...group, ["c"])).get("c")).toEqual(untold);
    expect(await expiry("a")).toBe(now / 1000 + 30 * 86_400);
    expect(await expiry("b")).toBeUndefined();
    await storeOn().save(...group, [member("a", "pushed")]);
    expect(await expiry("a")).toBeUndefined();
  });

  it("forgets nobody who waits when the process dies: pushed or still waiting", async () => {
    for (const nth of [1, 2])
      for (const moment of ["before", "after"] as const) {
        const group = [newId("int"), newId("group")] as const;
        await storeOn().save(...group, [member("a", "pending")]);
        const dying = storeOn(await dyingClient(db, nth, moment));
        await expect(dying.save(...group, [member("a", "pushed")])).rejects.toMatchObject({
          code: "store-unavailable",
        });
        const isPushed = (await storeOn().among(...group, ["a"])).has("a");
        const isWaiting = (await storeOn().pending(...group)).includes("a");
        expect(isPushed || isWaiting).toBe(true);
        await storeOn().save(...group, [member("a", "pushed")]);
        expect(await storeOn().pending(...group)).toEqual([]);
      }
  });
});
