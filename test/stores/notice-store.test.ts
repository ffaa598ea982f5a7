import { afterEach, describe, expect, it } from "vitest";
import { createNoticeStore } from "../../shared/aws/notice-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { noticeStoreContract } from "./notice-store-contract.ts";

let db: TestDynamoDb;
const start = async () => {
  db = await startDynamoDb();
  return db;
};
afterEach(() => db.close());

describe("notice store", () =>
  noticeStoreContract(async () => {
    const { client, stateTableName: tableName } = await start();
    return createNoticeStore({ client, tableName });
  }));

it("knows its own write again after a lost reply, and no other's", async () => {
  const { stateTableName: tableName } = await start();
  const store = createNoticeStore({ client: await forgetfulClient(db), tableName });
  expect(await store.saveHead({ rev: 0, channels: {} }, "run-1")).toBe(true);
  expect(await store.saveHead({ rev: 0, channels: {} }, "run-2")).toBe(false);
  const page = { kind: "failed", integrationId: "int-1", label: "Example", part: 0 } as const;
  const entries = [{ id: "user#ada", since: 1, told: {} }];
  expect(await store.savePage({ ...page, rev: 0, entries }, "run-1")).toBe(true);
  expect(await store.savePage({ ...page, rev: 1, entries: [] }, "run-1")).toBe(true);
  expect((await store.read()).pages).toEqual([]);
});
