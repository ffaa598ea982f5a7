import { afterEach, describe, expect, it } from "vitest";
import { createNoticeStore } from "../../shared/aws/notice-store.ts";
import { givenWatch, minuteMs } from "../provisioning/watch/given-watch.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { clientWithHooks, dyingClient, forgetfulClient } from "./faults.ts";
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

const ids = ["ada", "bob", "eve"];

for (const moment of ["before", "after"] as const)
  for (const [what, clientOf] of [
    ["dies with", (nth: number) => dyingClient(db, nth, moment)],
    [
      "loses",
      (nth: number) =>
        clientWithHooks(db, {
          [moment]: (at: number) => {
            if (at === nth) throw new Error("The test's store fails this once.");
          },
        }),
    ],
  ] as const)
    it(`tells all, at most one message twice, whatever write a run ${what}, ${moment} it was applied`, async () => {
      for (let nth = 1; nth <= 7; nth += 1) {
        const { stateTableName: tableName } = await start();
        const given = givenWatch();
        await given.leaver("ada");
        await given.failed("bob");
        await given.failed("eve");
        const store = createNoticeStore({ client: db.client, tableName });
        const { failures } = await given.run(
          undefined,
          createNoticeStore({ client: await clientOf(nth), tableName }),
        );
        expect(failures.length, `write ${nth}`).toBeGreaterThan(0);
        for (const _ of [1, 2]) {
          given.pass(minuteMs);
          expect((await given.run(undefined, store)).failures, `write ${nth}`).toEqual([]);
        }
        const { told } = given.webhook;
        expect([...new Set(told.flatMap((notice) => notice.ids))].toSorted(), `write ${nth}`).toEqual(ids);
        expect(told.length, `write ${nth}`).toBeLessThanOrEqual(ids.length + 1);
        await db.close();
      }
      await start();
    });
