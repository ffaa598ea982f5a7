import { afterAll, beforeAll, expect, it } from "vitest";
import { readCurrentIntegrations } from "../../shared/aws/current-integrations.ts";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { createUserStore } from "../../shared/aws/directory/user-store.ts";
import { createHoldStore } from "../../shared/aws/hold-store.ts";
import { createIntegrationStore } from "../../shared/aws/integration-store.ts";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import { createNoticeStore } from "../../shared/aws/notice-store.ts";
import { createWorkIndex } from "../../shared/aws/table/work-index.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import type { UserAssignment, UserObserved } from "../../shared/model/link.ts";
import type { Notice } from "../../shared/model/notice.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { watch } from "../../shared/provisioning/watch/watch.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { countingClient } from "./consumed-units.ts";
import { makeAttempt, makeIntegration, newId } from "./samples.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
  const store = createIntegrationStore({ client: db.client, tableName: db.stateTableName });
  for (let at = 0; at < 10; at += 1) {
    const integration = makeIntegration({ integrationId: newId("int") });
    const { integrationId } = integration;
    const attempt = { ...makeAttempt(1, integrationId), proposed: integration };
    await store.begin(integrationId, 0, attempt);
    await store.settle(integrationId, attempt, integration);
  }
});
afterAll(() => db.close());

/** DynamoDB counts a query that finds nothing, too, and this store does not. */
const countEmptyQueries = ({ middlewareStack }: TestDynamoDb["client"]): (() => number) => {
  let units = 0;
  middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        const { Count } = result.output as { Count?: number };
        const { ConsistentRead } = args.input as { ConsistentRead?: boolean };
        if (commandName === "QueryCommand" && Count === 0) units += ConsistentRead ? 1 : 0.5;
        return result;
      },
    { step: "initialize", name: "testEmptyQueries" },
  );
  return () => units;
};

it("an idle run with ten integrations reads 53 units in 85 requests, and writes nothing", async () => {
  const { client, units } = await countingClient(db);
  const unitsOfEmpty = countEmptyQueries(client);
  const state = { client, tableName: db.stateTableName };
  const told: Notice[] = [];
  const ports = {
    users: createUserStore(state),
    groups: createGroupStore(state),
    userLinks: createLinkStore<UserAssignment, UserObserved>({ ...state, kind: "user" }),
    holds: createHoldStore(state),
    work: createWorkIndex(state),
    clock: { now: Date.now, sleep: async () => undefined },
    newId: uuidV7,
  } as unknown as Ports;
  let integrations = 0;
  const outside = {
    ports,
    current: async () => {
      const current = await readCurrentIntegrations(state);
      integrations = current.length;
      return current;
    },
    telemetry: { record: () => undefined },
    notices: {
      store: createNoticeStore(state),
      channels: { webhook: { send: async (notice: Notice) => void told.push(notice) } },
    },
  };
  const now = Date.now();
  expect(await watch(outside, { until: now + 27_000, deadAt: now + 29_000 })).toEqual([]);
  expect(integrations).toBe(10);
  expect(told).toEqual([]);
  const { reads, writes, requests } = units();
  expect({ reads: reads + unitsOfEmpty(), writes, requests }).toEqual({ reads: 53, writes: 0, requests: 85 });
});
