import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIntegrationStore } from "../../shared/aws/integration-store.ts";
import { createAttemptIndex } from "../../shared/aws/table/attempt-index.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { integrationStoreContract } from "./integration-store-contract.ts";
import { makeAttempt, makeIntegration, newId } from "./samples.ts";

const now = Date.now();

describe("integration store", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());
  const storesOn = (client = db.client) => ({
    integrations: createIntegrationStore({ client, tableName: db.stateTableName }),
    attempts: createAttemptIndex({ client, tableName: db.stateTableName }),
  });

  integrationStoreContract(async () => storesOn());

  it("knows its own begin and settle when the replies are lost", async () => {
    const id = newId("int");
    const { integrations } = storesOn(await forgetfulClient(db));
    const proposed = makeIntegration({ integrationId: id });
    const attempt = { ...makeAttempt(now, id), proposed };
    expect(await integrations.begin(id, 0, attempt)).toBe(true);
    expect(await integrations.settle(id, attempt.intent.attemptId, proposed)).toBe(true);
    expect(await storesOn().integrations.read(id)).toEqual({ integrationId: id, integration: proposed });
  });
});
