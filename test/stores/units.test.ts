import { afterAll, beforeAll, expect, it } from "vitest";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import { createPushedMemberStore } from "../../shared/aws/links/pushed-member-store.ts";
import type { UserAssignment, UserObserved } from "../../shared/model/link.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { countingClient, type Units } from "./consumed-units.ts";
import { makeAttempt, newId } from "./samples.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

/** One member more in a group of that size, and the same member pushed: all that the stores do for it. */
const costOfOneMember = async (size: number): Promise<Units> => {
  const { client, units } = await countingClient(db);
  const setUp = { client: db.client, tableName: db.stateTableName };
  const [integrationId, groupId] = [newId("int"), newId("group")];
  const users = Array.from({ length: size }, (_, at) => `u${at}`);
  const group = await createGroupStore(setUp).change(groupId, undefined, {
    name: "Eng",
    add: users,
    remove: [],
  });
  const pushed = { presence: "in" as const, since: group.updatedAt, by: "admin-1", eventId: "e1" };
  await createPushedMemberStore(setUp).save(
    integrationId,
    groupId,
    users.map((userId) => ({ userId, remoteId: `r-${userId}`, ...pushed })),
  );

  const groups = createGroupStore({ client, tableName: db.stateTableName });
  const members = createPushedMemberStore({ client, tableName: db.stateTableName });
  const changed = await groups.change(groupId, group, { name: "Eng", add: ["new"], remove: [] });
  const behind = await groups.changedBetween(groupId, group.version, changed.version);
  await groups.membersAmong(groupId, changed.version, behind);
  await members.among(integrationId, groupId, behind);
  await members.save(
    integrationId,
    groupId,
    behind.map((userId) => ({ userId, remoteId: `r-${userId}`, ...pushed })),
  );
  return units();
};

it("one more member costs the same in a group of 10 and of 1,000", async () => {
  const small = await costOfOneMember(10);
  expect(await costOfOneMember(1_000)).toEqual(small);
  expect(small).toEqual({ reads: 5, writes: 6, requests: 11 });
});

// The store counts no index entries: on DynamoDB, begin and settle add one unit each for byAttempt, mark adds none.
it("an attempt costs one unit for each of its writes, and no reads", async () => {
  const { client, units } = await countingClient(db);
  const linksOn = (on: TestDynamoDb["client"]) =>
    createLinkStore<UserAssignment, UserObserved>({ client: on, tableName: db.stateTableName, kind: "user" });
  const key = { integrationId: newId("int"), id: newId("user") };
  const attempt = makeAttempt(Date.now());
  await linksOn(db.client).assign(key, 0, { direct: true, groups: [], excluded: false });
  const links = linksOn(client);
  await links.begin(key, 1, attempt);
  await links.mark(key, { ...attempt, remoteId: "r1" });
  await links.settle(key, attempt, { attempts: 1, pushed: { userName: "ada@example.com" } });
  expect(units()).toEqual({ reads: 0, writes: 3, requests: 3 });
});
