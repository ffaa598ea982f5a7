import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workersKey } from "../../shared/aws/table/keys.ts";
import { createStateTable } from "../../shared/aws/table/state-table.ts";
import { createWorkerSlots } from "../../shared/aws/worker-slots.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { newId } from "./samples.ts";
import { workerSlotsContract } from "./worker-slots-contract.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

describe("slots in the state table", () => {
  let clock = Date.now();
  const now = () => clock;
  const open = (client = db.client) => createWorkerSlots({ client, tableName: db.stateTableName, now });

  workerSlotsContract(async () => ({
    slots: open(),
    now,
    passTime: (ms) => {
      clock += ms;
    },
  }));

  it("takes one alone where every reply is lost once", async () => {
    const id = newId("int");
    const forgetful = open(await forgetfulClient(db));
    const first = await forgetful.take(id, now() + 90_000);
    expect(await open().take(id, now() + 90_000)).toBeDefined();
    expect(await open().take(id, now() + 90_000)).toBeUndefined();
    await first?.release();
    expect(await open().take(id, now() + 90_000)).toBeDefined();
  });

  it("keeps an item that expires a day after it was last used", async () => {
    const id = newId("int");
    await open().take(id, now() + 90_000);
    const table = createStateTable({ client: db.client, tableName: db.stateTableName });
    const item = await table.get<{ expiresAt: number }>(workersKey(id));
    expect(item?.expiresAt).toBe(Math.ceil((now() + 86_400_000) / 1000));
  });
});
