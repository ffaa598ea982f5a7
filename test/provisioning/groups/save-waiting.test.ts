import { afterAll, beforeAll, expect, test } from "vitest";
import { createPushedMemberStore } from "../../../shared/aws/links/pushed-member-store.ts";
import type { PushedMember } from "../../../shared/model/link.ts";
import { saveWaiting } from "../../../shared/provisioning/groups/finish-group.ts";
import { newGroupRun } from "../../../shared/provisioning/memberships/group-run.ts";
import { groupLinkOrNew } from "../../../shared/provisioning/memberships/group-state.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { newId } from "../../stores/samples.ts";
import { startDynamoDb, type TestDynamoDb } from "../../support/dynamodb.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

test("a user who left waits only while perhaps in the group", async () => {
  const key = { integrationId: newId("int"), id: newId("group") };
  const pushedMembers = createPushedMemberStore({ client: db.client, tableName: db.stateTableName });
  const there: PushedMember = {
    userId: "may-be-there",
    remoteId: "r1",
    presence: "unknown",
    since: "2026-03-01T00:00:00.000Z",
    by: "admin-1",
    eventId: "e1",
  };
  await pushedMembers.save(key.integrationId, key.id, [there]);
  const begin = ["never-there", "still-held"];
  await pushedMembers.noteWaiting(key.integrationId, key.id, { begin });
  const gone = { isMember: false, isWaiting: true };
  const candidates = [
    { userId: "may-be-there", ...gone, there },
    { userId: "never-there", ...gone },
    { userId: "still-held", ...gone },
    { userId: "joins-later", isMember: true, isWaiting: false },
  ];
  const saved = { groupId: key.id, name: "Eng", version: 1, updatedAt: "2026-03-01T00:00:00.000Z" };
  const run = { ...newGroupRun(), unfinished: ["still-held"], waiting: ["joins-later"] };
  const round = { saved, link: groupLinkOrNew(key, undefined), difference: { candidates } };
  await saveWaiting({ pushedMembers } as unknown as Ports, round, run);
  const waiting = await pushedMembers.waiting(key.integrationId, key.id);
  expect(waiting.toSorted()).toEqual(["joins-later", "may-be-there", "still-held"]);
});
