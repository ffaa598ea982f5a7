import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPushedMemberStore } from "../../shared/aws/links/pushed-member-store.ts";
import { fromItem, toItem } from "../../shared/aws/table/dynamodb-client.ts";
import type { PushedMember } from "../../shared/model/link.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { dyingClient } from "./faults.ts";
import { member, pushedMemberStoreContract, trace } from "./pushed-member-store-contract.ts";
import { all, newId } from "./samples.ts";

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

  it("lets the trace of a member who is out expire, and of no other, nor of one whose group was not told", async () => {
    const group = [newId("int"), newId("group")] as const;
    const expiry = async (userId: string) => {
      const Key = { pk: { S: `PUSHED#${group[0]}#${group[1]}` }, sk: { S: `MEMBER#${userId}` } };
      const { Item } = await db.client.send(new GetItemCommand({ TableName: db.stateTableName, Key }));
      return fromItem<{ expiresAt?: number }>(Item ?? {}).expiresAt;
    };
    const untold = { ...member("c", "out"), isUnsent: true as const };
    await storeOn().save(...group, [member("a", "out"), member("b", "in"), untold]);
    expect(await expiry("c")).toBeUndefined();
    expect((await storeOn().among(...group, ["c"])).get("c")).toEqual(untold);
    expect(await expiry("a")).toBe(now / 1000 + 30 * 86_400);
    expect(await expiry("b")).toBeUndefined();
    await storeOn().save(...group, [member("a", "in")]);
    expect(await expiry("a")).toBeUndefined();
  });

  it("reads the items of version 0.1", async () => {
    const [integrationId, groupId] = [newId("int"), newId("group")];
    const pk = `PUSHED#${integrationId}#${groupId}`;
    const put = (sk: string, fields: object) =>
      db.client.send(
        new PutItemCommand({ TableName: db.stateTableName, Item: toItem({ pk, sk, ...trace, ...fields }) }),
      );
    const stored = (userId: string, fields: object) =>
      put(`MEMBER#${userId}`, { userId, remoteId: `r-${userId}`, ...fields });
    await stored("a", { state: "pushed" });
    await stored("b", { state: "pushed", foundThere: true });
    await stored("c", { state: "pushed", isDoubtful: true, isUntold: true });
    await stored("d", { state: "removed", isDoubtful: true, isUntold: true, expiresAt: 4_000_000_000 });
    await stored("e", { state: "removed", isUnsent: true });
    await put("MEMBER#f", { userId: "f", state: "removed", eventId: "" });
    await put("PENDING#c", { userId: "c", remoteId: "r-c", state: "pending", isDoubtful: true });
    await put("PENDING#g", { userId: "g", state: "pending", eventId: "" });

    const store = storeOn();
    const members: PushedMember[] = [
      member("a", "in"),
      { ...member("b", "in"), foundThere: true },
      { ...member("c", "unknown"), isUntold: true },
      member("d", "out"),
      { ...member("e", "out"), isUnsent: true },
    ];
    expect(await all(store.all(integrationId, groupId))).toEqual(members);
    expect([...(await store.among(integrationId, groupId, [..."abcdefg"])).values()]).toEqual(members);
    expect(await store.waiting(integrationId, groupId)).toEqual(["c", "g"]);
    await store.save(integrationId, groupId, members);
    expect(await all(store.all(integrationId, groupId))).toEqual(members);
    expect(await store.waiting(integrationId, groupId)).toEqual(["c", "g"]);
  });

  it("lets those of whom it becomes unknown wait, or leaves them as they were, when the process dies", async () => {
    for (const nth of [1, 2])
      for (const moment of ["before", "after"] as const) {
        const group = [newId("int"), newId("group")] as const;
        await storeOn().save(...group, [member("a", "in")]);
        const dying = storeOn(await dyingClient(db, nth, moment));
        await expect(dying.save(...group, [member("a", "unknown")])).rejects.toMatchObject({
          code: "store-unavailable",
        });
        const isWaiting = (await storeOn().waiting(...group)).includes("a");
        const { presence } = (await storeOn().among(...group, ["a"])).get("a") ?? {};
        expect(presence === "in" || isWaiting).toBe(true);
      }
  });

  it("forgets nobody who waits when the process dies: in the group or still waiting", async () => {
    for (const nth of [1, 2])
      for (const moment of ["before", "after"] as const) {
        const group = [newId("int"), newId("group")] as const;
        await storeOn().noteWaiting(...group, { begin: ["a"] });
        const dying = storeOn(await dyingClient(db, nth, moment));
        await expect(dying.save(...group, [member("a", "in")])).rejects.toMatchObject({
          code: "store-unavailable",
        });
        const isIn = (await storeOn().among(...group, ["a"])).has("a");
        const isWaiting = (await storeOn().waiting(...group)).includes("a");
        expect(isIn || isWaiting).toBe(true);
        await storeOn().save(...group, [member("a", "in")]);
        expect(await storeOn().waiting(...group)).toEqual([]);
      }
  });
});
