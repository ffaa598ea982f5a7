import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSourceStore } from "../../shared/aws/sources/source-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { newId } from "./samples.ts";
import { makeSource, sourceStoreContract } from "./source-store-contract.ts";

describe("source store", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());
  const storeOn = (client = db.client) => createSourceStore({ client, tableName: db.stateTableName });

  sourceStoreContract(async () => storeOn());

  it("knows its own writes when the reply is lost", async () => {
    const store = storeOn(await forgetfulClient(db));
    const source = makeSource();
    expect(await store.save(source)).toMatchObject({ version: 1 });
    expect(await store.save({ ...source, version: 1, name: "n" })).toMatchObject({ version: 2 });
    const claim = { sourceId: "s", tokenId: newId("t"), at: 1 };
    expect(await store.claimToken(newId("hash"), claim)).toEqual(claim);
  });
});
