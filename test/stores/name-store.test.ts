import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNameStore } from "../../shared/aws/sources/name-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { nameStoreContract } from "./name-store-contract.ts";
import { newId } from "./samples.ts";

describe("name store", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());
  const storeOn = (client = db.client) => createNameStore({ client, tableName: db.stateTableName });

  nameStoreContract(async () => storeOn());

  it("knows its own claim when the reply is lost", async () => {
    const mine = { objectId: "u1", claimId: newId("claim"), at: 1 };
    const key = { sourceId: "s1", kind: "userName", value: newId("ada") } as const;
    expect(await storeOn(await forgetfulClient(db)).claim(key, mine)).toEqual(mine);
  });

  it("keeps nothing of the name itself", async () => {
    const value = newId("ada");
    await storeOn().claim(
      { sourceId: "s1", kind: "userName", value },
      { objectId: "u1", claimId: "c", at: 1 },
    );
    const { Items } = await db.client.send(new ScanCommand({ TableName: db.stateTableName }));
    expect(JSON.stringify(Items)).not.toContain(value);
  });
});
