import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGuardStore } from "../../shared/aws/guard-store.ts";
import { guardKey } from "../../shared/aws/table/keys.ts";
import { createStateTable } from "../../shared/aws/table/state-table.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { guardStoreContract } from "./guard-store-contract.ts";
import { newId } from "./samples.ts";

describe("guard store", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());
  const access = () => ({ client: db.client, tableName: db.stateTableName });

  guardStoreContract(async () => createGuardStore(access()));

  it("lets an item expire once nothing in it can count any more", async () => {
    const id = newId("int");
    await createGuardStore({ ...access(), now: () => 1_000_000 }).save(id, 0, { buckets: [] });
    const item = await createStateTable(access()).get<{ expiresAt: number }>(guardKey(id));
    expect(item?.expiresAt).toBe(1_000 + 2 * 60 * 60);
  });
});
