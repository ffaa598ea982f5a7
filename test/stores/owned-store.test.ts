import { afterAll, beforeAll, describe } from "vitest";
import { createConflictStore } from "../../shared/aws/sources/conflict-store.ts";
import { createOwnedStore } from "../../shared/aws/sources/owned-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { conflictStoreContract, ownedStoreContract } from "./owned-store-contract.ts";

describe("what sources own and could not have", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());
  const access = () => ({ client: db.client, tableName: db.stateTableName });

  describe("owned store", () => ownedStoreContract(async () => createOwnedStore(access())));
  describe("conflict store", () =>
    conflictStoreContract(async () => createConflictStore(access()), Date.now));
});
