import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHoldStore } from "../../shared/aws/hold-store.ts";
import { createAttemptIndex } from "../../shared/aws/table/attempt-index.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { holdStoreContract } from "./hold-store-contract.ts";
import { newId } from "./samples.ts";

describe("hold store", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());

  holdStoreContract(async () => {
    const access = { client: db.client, tableName: db.stateTableName };
    return { holds: createHoldStore(access), attempts: createAttemptIndex(access) };
  });

  it("knows its own claim of an origin when the reply is lost", async () => {
    const store = createHoldStore({ client: await forgetfulClient(db), tableName: db.stateTableName });
    const mine = { holdId: newId("hold"), since: "2026-01-01T00:00:00.000Z" };
    expect(await store.claimOrigin(newId("int"), "o", mine, undefined)).toEqual(mine);
  });
});
