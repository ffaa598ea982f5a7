import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildDirectoryEvent } from "../../shared/audit/build-directory-event.ts";
import { buildEvent } from "../../shared/audit/build-event.ts";
import { keyOfEvent } from "../../shared/aws/events/event-keys.ts";
import { createEventWriter } from "../../shared/aws/events/event-writer.ts";
import { toItem } from "../../shared/aws/table/dynamodb-client.ts";
import { eventsTable } from "../../shared/aws/table/tables.ts";
import type { Intent } from "../../shared/model/attempt.ts";
import { type Change, serviceItself } from "../../shared/model/event.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import type { EventRecord } from "../../shared/provisioning/ports/event-log.ts";
import { indexWriteUnits, writeUnits } from "../bench/units.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { intentAt, succeeded } from "./fixtures.ts";

let store: TestDynamoDb;
beforeAll(async () => {
  store = await startDynamoDb({ now: () => Date.parse("2026-11-20T12:00:00Z") });
});
afterAll(() => store.close());

/** Write units of an event at DynamoDB: its item, and a copy in each index that has it. */
const unitsOf = async (record: EventRecord): Promise<number> => {
  const table = { client: store.client, tableName: store.eventsTableName, shards: 1 };
  await createEventWriter(table).put(record);
  const Key = toItem(keyOfEvent(record.event, 1));
  const { Item = {} } = await store.client.send(new GetItemCommand({ TableName: table.tableName, Key }));
  return writeUnits(Item) + indexWriteUnits(eventsTable, undefined, Item);
};

const person = {
  type: "admin",
  id: "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ada",
};
const onDemand = {
  initiatedBy: person,
  authMethod: "iam",
  clientIp: "203.0.113.7",
  userAgent: "hr-sync/1.2 (node)",
  correlation: { id: "6f1f6c1c-6f0e-4b6c-9c4e-3f7a5d2b8c60", type: "request" },
};
/** What the service does by itself for who has changed the directory. */
const automatic = {
  initiatedBy: serviceItself,
  authMethod: "none",
  clientIp: "",
  userAgent: "usher",
  correlation: onDemand.correlation,
  requestedBy: person,
  requestedAt: "2026-11-05T09:12:40.000Z",
};
const integrationId = "01a15853-0cd0-7c52-8f5a-6b0d2f1c9e01";
const about = {
  integrationId,
  application: { id: integrationId, name: "strongDM", displayLabel: "strongDM prod" },
  resource: { type: "systemuser" as const, id: "ada.lovelace", name: "ada.lovelace@example.com" },
};
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const whole: Change[] = [
  ["active", true],
  ["displayName", "Ada Lovelace"],
  ["emails", [{ value: "ada.lovelace@example.com", type: "work", primary: true }]],
  ["externalId", "ada.lovelace"],
  ["name.familyName", "Lovelace"],
  ["name.givenName", "Ada"],
  ["title", "Engineer"],
  [`${enterprise}:department`, "Research"],
  ["userName", "ada.lovelace@example.com"],
].map(([field, to]) => ({ field, to }) as Change);

const types: [Intent["eventType"], Change[], onDemand: number, automatic: number][] = [
  ["user_update_provision", [{ field: "title", from: "Engineer", to: "Director" }], 5, 4],
  ["user_deprovision", [{ field: "active", from: true, to: false }], 6, 5],
  ["user_delete_provision", [], 6, 5],
  ["user_create_provision", whole, 10, 8],
];

test.each(types)(
  "%s costs so many write units on demand, and one copy less as automatic work",
  async (eventType, changes, ...units) => {
    const costs = [onDemand, automatic].map((actor) => {
      const intent = intentAt("2026-11-05T09:12:44.123Z", { ...about, actor, eventType, changes });
      return unitsOf(buildEvent(intent, succeeded(intent)));
    });
    expect(await Promise.all(costs)).toEqual(units);
  },
);

test("one member more costs 4 write units as automatic work, 5 on demand, its reference aside", async () => {
  const resource = { type: "user_group" as const, id: "engineering", name: "Engineering" };
  const of = { ...about, resource, eventType: "group_update_provision" as const, changes: [] };
  const costs = [onDemand, automatic].map((actor) => {
    const intent = intentAt("2026-11-05T09:12:45.123Z", { ...of, actor });
    return unitsOf(buildEvent(intent, succeeded(intent, { added: ["ada.lovelace"], removed: [] })));
  });
  expect(await Promise.all(costs)).toEqual([5, 4]);
});

test("a change of the directory costs 4 write units", async () => {
  const unrecorded = {
    eventId: uuidV7(Date.parse("2026-11-05T09:12:47.123Z")),
    type: "user_update" as const,
    changes: [{ field: "jobTitle", from: "Engineer", to: "Director" }],
    ...onDemand,
  };
  const asked = { by: person, at: "2026-11-05T09:12:47.123Z", correlation: onDemand.correlation };
  const named = { organization: "acme", retentionDays: 400 };
  expect(await unitsOf(buildDirectoryEvent(about.resource, unrecorded, asked, named))).toBe(4);
});
