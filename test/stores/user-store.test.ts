import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUserStore } from "../../shared/aws/directory/user-store.ts";
import { toItem } from "../../shared/aws/table/dynamodb-client.ts";
import { userKey } from "../../shared/aws/table/keys.ts";
import type { UserStore } from "../../shared/provisioning/ports/directory-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { makeUser, newId } from "./samples.ts";
import { userStoreContract } from "./user-store-contract.ts";

describe("user store", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());
  const storeOn = (client = db.client) => createUserStore({ client, tableName: db.stateTableName });

  userStoreContract(async () => storeOn());

  it("lists all users in pages by id, each once, and refuses cursors that are not its own", async () => {
    const own = await startDynamoDb();
    const users = createUserStore({ client: own.client, tableName: own.stateTableName });
    const wanted = ["+1", "@x", "A", "Z", "_u", "a", "b:c", "z-9"];
    for (const userId of wanted)
      await users.save(userId, 0, makeUser({ email: `x${wanted.indexOf(userId)}@example.com` }));
    const found: string[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      const page: Awaited<ReturnType<UserStore["list"]>> = await users.list({
        limit: 3,
        ...(cursor && { cursor }),
      });
      found.push(...page.items.map(({ userId }) => userId));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(wanted.toSorted());
    const { nextCursor = "" } = await users.list({ limit: 3 });
    for (const cursor of [
      "",
      "!",
      "W10",
      nextCursor.slice(0, -2),
      Buffer.from('["users",7]').toString("base64url"),
    ])
      await expect(users.list({ limit: 3, cursor })).rejects.toMatchObject({ code: "invalid-cursor" });
    await expect(users.list({ limit: 3, cursor: nextCursor, email: "x1@example.com" })).rejects.toMatchObject(
      { code: "invalid-cursor" },
    );
    await own.close();
  });

  it("lists nobody under an address that the index alone still knows", async () => {
    const users = storeOn();
    const [userId, email] = [newId("user"), `${newId("former")}@example.com`];
    await users.save(userId, 0, makeUser({ email }));
    // As an index is that lags behind: the item has the new address, and is found by the former one.
    await db.client.send(
      new UpdateItemCommand({
        TableName: db.stateTableName,
        Key: toItem(userKey(userId)),
        UpdateExpression: "SET #user.email = :email",
        ExpressionAttributeNames: { "#user": "user" },
        ExpressionAttributeValues: { ":email": { S: "present@example.com" } },
      }),
    );
    expect(await users.list({ limit: 10, email })).toEqual({ items: [] });
  });

  it("takes the mark of a change away once, also where the reply is lost", async () => {
    const userId = newId("user");
    await storeOn().save(userId, 0, makeUser(), { changed: { at: 1, since: 1 } });
    expect(await storeOn(await forgetfulClient(db)).dispatched(userId, 1)).toBe(true);
    expect(await storeOn().read(userId)).not.toHaveProperty("changed");
  });

  it("lets one of two who save the very same from the same version win", async () => {
    const users = storeOn();
    const userId = newId("user");
    await users.save(userId, 0, makeUser());
    const title = makeUser({ jobTitle: "Engineer" });
    const saved = await Promise.all([1, 2].map(() => users.save(userId, 1, title)));
    expect(saved.filter((one) => one !== undefined)).toMatchObject([{ version: 2 }]);
  });

  it("knows its own save when the reply is lost", async () => {
    const userId = newId("user");
    const saved = await storeOn(await forgetfulClient(db)).save(userId, 0, makeUser());
    expect(saved).toMatchObject({ userId, version: 1 });
    expect(await storeOn().read(userId)).toEqual(saved);
  });

  it("answers invalid-input for a user larger than one item", async () => {
    const attributes = Array.from({ length: 60 }, (_, at) => ({ name: `n${at}`, value: "x".repeat(10_000) }));
    await expect(storeOn().save(newId("user"), 0, makeUser({ attributes }))).rejects.toMatchObject({
      code: "invalid-input",
    });
  });
});
