import { afterAll, beforeAll, expect, it } from "vitest";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { createIdempotencyStore } from "../../shared/aws/idempotency-store.ts";
import { createIntegrationStore } from "../../shared/aws/integration-store.ts";
import { voidDeadLeases } from "../../shared/aws/links/dead-leases.ts";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import { createAttemptIndex } from "../../shared/aws/table/attempt-index.ts";
import type { GroupAssignment, GroupObserved } from "../../shared/model/link.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { dyingClient } from "./faults.ts";
import { all, makeAttempt, makeIntegration } from "./samples.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

it("frees all that a dead process held, at once, and nothing else", async () => {
  const access = { client: db.client, tableName: db.stateTableName };
  const now = Date.now();
  const links = createLinkStore<GroupAssignment, GroupObserved>({ ...access, kind: "group" });
  const integrations = createIntegrationStore(access);
  const requests = createIdempotencyStore(access);
  const key = { integrationId: "i1", id: "g1" };
  await links.assign(key, 0, { bound: true });
  await links.assign({ ...key, id: "g2" }, 0, { bound: true });
  const attempt = makeAttempt(now + 60_000);
  await links.begin(key, 1, attempt);
  await integrations.begin("i1", 0, { ...makeAttempt(now + 60_000), proposed: makeIntegration() });
  const groups = createGroupStore(access);
  const group = await groups.change("g1", undefined, { name: "Eng", add: ["a"], remove: [] });
  const dying = createGroupStore({ ...access, client: await dyingClient(db, 3, "after") });
  await dying.change("g1", group, { name: "Eng", add: ["b"], remove: [] }).catch(() => {});
  await requests.begin({ key: "k1", bodyHash: "h", now });
  await requests.begin({ key: "k2", bodyHash: "h", now });
  await requests.finish("k2", { status: 200, headers: {}, body: "" });

  const refs = [
    { kind: "group", key },
    { kind: "integration", key: { integrationId: "i1", id: "i1" } },
  ];
  const sorted = (found: { kind: string }[]) => found.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
  expect(await createAttemptIndex(access).orphans(now)).toEqual([]);

  expect(sorted(await voidDeadLeases(access))).toEqual(refs);
  expect(sorted(await createAttemptIndex(access).orphans(now))).toEqual(refs);
  expect((await links.read(key))?.attempt?.intent).toEqual(attempt.intent);
  expect(await links.takeOver(key, attempt.intent.attemptId, now + 60_000, now)).toBe(true);
  const next = await groups.change("g1", group, { name: "Eng", add: ["c"], remove: [] });
  expect(await all(groups.members("g1", next.version))).toEqual(["a", "c"]);
  expect(await requests.begin({ key: "k1", bodyHash: "h", now })).toEqual({ state: "new" });
  expect(await requests.begin({ key: "k2", bodyHash: "h", now })).toMatchObject({ state: "done" });
});
