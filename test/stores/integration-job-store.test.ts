import { afterAll, beforeAll, describe } from "vitest";
import { createIntegrationJobStore } from "../../shared/aws/integration-job-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { integrationJobStoreContract } from "./integration-job-store-contract.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

describe("job store of integrations", () => {
  const access = () => ({ client: db.client, tableName: db.stateTableName });
  integrationJobStoreContract(async () => createIntegrationJobStore(access()));
});
