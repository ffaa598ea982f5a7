import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGroupStore } from "../../../shared/aws/directory/group-store.ts";
import { fromItem, toItem } from "../../../shared/aws/table/dynamodb-client.ts";
import { pushedVersion } from "../../../shared/provisioning/memberships/group-difference.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { newId } from "../../stores/samples.ts";
import { startDynamoDb, type TestDynamoDb } from "../../support/dynamodb.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

const dayMs = 86_400_000;
const changedAt = Date.parse("2026-03-02T08:00:00Z");
const versionAfter = (days: number): number | undefined => {
  const ports = { clock: { now: () => changedAt + days * dayMs } } as unknown as Ports;
  return pushedVersion(ports, { attempts: 1, version: 7, versionAt: new Date(changedAt).toISOString() });
};

test("the marks of changes are relied on for less long than they are kept, with a day to spare on each side", async () => {
  expect(versionAfter(28.5)).toBe(7);
  expect(versionAfter(29.5)).toBeUndefined();
  expect(versionAfter(30.5)).toBeUndefined();

  const groupId = newId("group");
  const now = () => changedAt;
  const groups = createGroupStore({ client: db.client, tableName: db.stateTableName, now });
  const group = await groups.change(groupId, undefined, { name: "Eng", add: ["a", "b"], remove: [] });
  await groups.change(groupId, group, { name: "Eng", add: ["c"], remove: ["a"] });
  const { Items = [] } = await db.client.send(
    new QueryCommand({
      TableName: db.stateTableName,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
      ExpressionAttributeValues: toItem({ ":pk": `GROUP#${groupId}`, ":sk": "CHANGE#" }),
    }),
  );
  const marks = Items.map((item) => fromItem<{ userId: string; expiresAt: number }>(item));
  expect(marks.map(({ userId }) => userId).toSorted()).toEqual(["a", "c"]);
  for (const { expiresAt } of marks)
    expect(expiresAt * 1000).toBeGreaterThanOrEqual(changedAt + 30.5 * dayMs);
});

test("without the time at which a version was reached all members are compared", () => {
  const ports = { clock: { now: () => changedAt } } as unknown as Ports;
  expect(pushedVersion(ports, { attempts: 1, version: 7 })).toBeUndefined();
});
