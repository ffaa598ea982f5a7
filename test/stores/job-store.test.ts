import { afterAll, beforeAll, describe } from "vitest";
import { createJobStore } from "../../shared/aws/job-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { jobStoreContract } from "./job-store-contract.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

describe("job store", () =>
  jobStoreContract(async () => createJobStore({ client: db.client, tableName: db.stateTableName })));
