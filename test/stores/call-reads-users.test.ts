import { afterAll, beforeAll, expect, it } from "vitest";
import { createCallReads } from "../../shared/aws/call-reads.ts";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { createUserStore } from "../../shared/aws/directory/user-store.ts";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import type { UserAssignment, UserObserved } from "../../shared/model/link.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { all, makeUser, newId } from "./samples.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

const makeStores = () => {
  const access = { client: db.client, tableName: db.stateTableName };
  return {
    reads: createCallReads(access),
    users: createUserStore(access),
    groups: createGroupStore(access),
    userLinks: createLinkStore<UserAssignment, UserObserved>({ ...access, kind: "user" }),
  };
};

it("reads users and links of more than one batch as each store has them", async () => {
  const { reads, users, userLinks } = makeStores();
  const integrationId = newId("int");
  const userIds = Array.from({ length: 120 }, () => newId("user"));
  for (const userId of userIds.slice(0, 110)) await users.save(userId, 0, makeUser());
  for (const id of userIds.slice(10))
    await userLinks.assign({ integrationId, id }, 0, { direct: true, groups: [], excluded: false });

  const read = await reads.users(integrationId, userIds);
  expect([...read.keys()]).toEqual(userIds);
  for (const id of [userIds[0], userIds[60], userIds[119]].map(String)) {
    const link = await userLinks.read({ integrationId, id });
    expect(read.get(id)).toEqual({ saved: await users.read(id), link });
  }
  expect(read.get(String(userIds[0]))?.link).toBeUndefined();
  expect(read.get(String(userIds[119]))?.saved).toBeUndefined();
});

it("reads with a group whether users are members, and a change that is given it reads nothing and keeps it", async () => {
  const { reads, users, groups } = makeStores();
  const [integrationId, groupId] = [newId("int"), newId("group")];
  await users.save("a", 0, makeUser());
  const first = await groups.change(groupId, undefined, { name: "Eng", add: ["a", "b"], remove: [] });
  await groups.change(groupId, first, { name: "Eng", add: [], remove: ["b"] });

  const { saved, users: known } = await reads.group(integrationId, groupId, ["a", "b", "c"]);
  expect([...known].map(([id, { member }]) => `${id} ${member}`)).toEqual(["a true", "b false", "c false"]);
  expect(known.get("a")?.saved).toEqual(await users.read("a"));
  expect(known.get("b")?.since).toEqual(expect.any(String));
  expect(known.get("c")?.since).toBeUndefined();

  const change = { name: "Eng", add: ["b", "c"], remove: ["a"], before: known };
  const changed = await groups.change(groupId, saved, change);
  expect(await all(groups.members(groupId, changed.version))).toEqual(["b", "c"]);
  // At the version before it is as it was, since when included.
  expect(await all(groups.members(groupId, saved?.version ?? 0))).toEqual(["a"]);
  const { items } = await groups.page({ ...changed, version: saved?.version ?? 0 }, { limit: 10 });
  expect(items.map(({ userId, since }) => [userId, since])).toEqual([
    ["a", known.get("a")?.since],
    ["b", known.get("b")?.since],
  ]);
});
