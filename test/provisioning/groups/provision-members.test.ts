import { afterAll, beforeAll, expect, test } from "vitest";
import { createCallReads } from "../../../shared/aws/call-reads.ts";
import { createUserStore } from "../../../shared/aws/directory/user-store.ts";
import { createLinkStore } from "../../../shared/aws/links/link-store.ts";
import { Failure } from "../../../shared/model/failure.ts";
import type { UserAssignment, UserObserved } from "../../../shared/model/link.ts";
import { provisionMembers } from "../../../shared/provisioning/groups/provision-members.ts";
import { newGroupRun } from "../../../shared/provisioning/memberships/group-run.ts";
import type { Call, Ports } from "../../../shared/provisioning/ports/ports.ts";
import { profileOf } from "../../../shared/scim/profiles/effective-profile.ts";
import { makeIntegration, newId } from "../../stores/samples.ts";
import { startDynamoDb, type TestDynamoDb } from "../../support/dynamodb.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

/** Holds twenty users of whom the directory knows nothing yet, where the writes of one of them fail. */
const holdWhereOneFails = async (failure: Failure) => {
  const access = { client: db.client, tableName: db.stateTableName };
  const links = createLinkStore<UserAssignment, UserObserved>({ ...access, kind: "user" });
  const userIds = Array.from({ length: 20 }, () => newId("user"));
  const begun: string[] = [];
  const assign: typeof links.assign = async (key, rev, assignment) => {
    begun.push(key.id);
    if (key.id === userIds[2]) throw failure;
    return links.assign(key, rev, assignment);
  };
  const clock = { now: Date.now, sleep: async () => {} };
  const reads = createCallReads(access);
  const userLinks = { ...links, assign };
  const ports = { clock, reads, users: createUserStore(access), userLinks, profileOf };
  const integration = makeIntegration({ integrationId: newId("int") });
  const call = { sendUntil: Date.now() + 60_000 } as Call;
  const run = newGroupRun();
  const context = { ports: ports as unknown as Ports, integration, call };
  const ended = await provisionMembers(context, "g1", { userIds }, run).catch((error: unknown) => error);
  return { ended, begun, run, userIds };
};

test("a store that does not answer ends the call of a group: no further member is begun", async () => {
  const failure = new Failure("store-unavailable", "The store does not answer.");
  const { ended, begun } = await holdWhereOneFails(failure);
  expect(ended).toBe(failure);
  expect(begun.length).toBeLessThan(20);
});

test("a failure of one member alone keeps no other member out", async () => {
  const failure = new Failure("attempt-in-progress", "Another attempt is under way.");
  const { ended, begun, run, userIds } = await holdWhereOneFails(failure);
  expect(ended).toMatchObject({ open: new Map() });
  expect(begun.toSorted()).toEqual(userIds.toSorted());
  expect(run.unfinished).toEqual([userIds[2]]);
});
