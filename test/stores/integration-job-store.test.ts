import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createIntegrationJobStore } from "../../shared/aws/integration-job-store.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { integrationJobStoreContract } from "./integration-job-store-contract.ts";
import { newId } from "./samples.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

describe("job store of integrations", () => {
  const access = () => ({ client: db.client, tableName: db.stateTableName });
  integrationJobStoreContract(async () => createIntegrationJobStore(access()));

  test("items and jobs that have expired are not answered, whenever the table deletes them", async () => {
    let days = 0;
    const now = () => Date.now() + days * 86_400_000;
    const store = createIntegrationJobStore({ ...access(), now });
    const key = { integrationId: newId("int"), jobId: uuidV7(now()) };
    await store.open({
      ...key,
      kind: "import",
      status: "running",
      input: {},
      progress: { done: 0 },
      counts: {},
      requestedAt: new Date(now()).toISOString(),
      asked: {
        by: { type: "admin", id: "admin-1" },
        at: new Date(now()).toISOString(),
        correlation: { id: "c-1", type: "request" },
        authMethod: "token",
        clientIp: "127.0.0.1",
        userAgent: "test",
      },
    });
    await store.putItems(key, [{ place: "R#1", data: { remoteId: "r1" } }], 30);
    days = 29;
    expect((await store.items(key, { limit: 5 })).items).toHaveLength(1);
    expect(await store.read(key)).toBeDefined();
    days = 31;
    expect((await store.items(key, { limit: 5 })).items).toEqual([]);
    expect(await store.itemsAt(key, ["R#1"])).toEqual([]);
    expect(await store.read(key)).toBeUndefined();
    expect((await store.list(key.integrationId, "import", { limit: 5 })).items).toEqual([]);
  });
});
