import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTargetStore } from "../../shared/aws/target-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { newId } from "./samples.ts";
import { targetStoreContract } from "./target-store-contract.ts";

describe("target store", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());
  const storeOn = (client = db.client, key = "a key") =>
    createTargetStore({ client, tableName: db.stateTableName, readKey: async () => key });

  targetStoreContract(async () => storeOn());

  it("knows its own claim when the reply is lost", async () => {
    const claim = { integrationId: newId("int"), attemptId: newId("attempt") };
    const store = storeOn(await forgetfulClient(db));
    expect(await store.claim(newId("hash"), claim)).toEqual(claim);
  });

  it("hashes otherwise with another key", async () => {
    const hashWith = (key: string) => storeOn(db.client, key).hash("https://a.example.com", "secret");
    expect(await hashWith("one")).not.toBe(await hashWith("two"));
  });
});
