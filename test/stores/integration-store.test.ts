import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createIntegrationStore } from "../../shared/aws/integration-store.ts";
import { createAttemptIndex } from "../../shared/aws/table/attempt-index.ts";
import { integrationKey } from "../../shared/aws/table/keys.ts";
import { createStateTable } from "../../shared/aws/table/state-table.ts";
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

  it("reads no deleted integration for the current ones, and finds those that were there before the index", async () => {
    const [deleted, old] = [newId("int"), newId("int")];
    const { integrations } = storesOn();
    for (const integrationId of [deleted, old]) {
      const proposed = makeIntegration({
        integrationId,
        status: integrationId === old ? "active" : "deleted",
      });
      const attempt = { ...makeAttempt(now, integrationId), proposed };
      await integrations.begin(integrationId, 0, attempt);
      await integrations.settle(integrationId, attempt, proposed);
    }
    const table = createStateTable({ client: db.client, tableName: db.stateTableName });
    await table.write(integrationKey(old), "REMOVE #listPk, #listSk", { when: "attribute_exists(#pk)" });
    const { integrations: restarted } = storesOn();
    const restartedIds = async () => (await restarted.current()).map(({ integrationId }) => integrationId);
    expect(await restartedIds()).toContain(old);

    const send = vi.spyOn(db.client, "send");
    expect(await restartedIds()).not.toContain(deleted);
    const read = send.mock.calls.map(([command]) => JSON.stringify((command as { input: object }).input));
    send.mockRestore();
    expect(read.join()).toContain(old);
    expect(read.join()).not.toContain(deleted);
    // Two requests, none of them over all rows.
    expect(read).toHaveLength(2);
  });

  it("knows its own begin and settle when the replies are lost", async () => {
    const id = newId("int");
    const { integrations } = storesOn(await forgetfulClient(db));
    const proposed = makeIntegration({ integrationId: id });
    const attempt = { ...makeAttempt(now, id), proposed };
    expect(await integrations.begin(id, 0, attempt)).toBe(true);
    expect(await integrations.settle(id, attempt, proposed)).toBe(true);
    expect(await storesOn().integrations.read(id)).toEqual({ integrationId: id, integration: proposed });
  });
});
