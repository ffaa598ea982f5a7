import { expect, test } from "vitest";
import { call, patchOp } from "../../providers/call.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { remoteIdOf } from "../../support/quirks.ts";
import {
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  passTime,
  replicationMs,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** A bound group of two, whose role has become a group of another id since. */
const givenMigrated = async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const [stays = "", leaves = "", joins = ""] = await givenSaved(usher, 3);
  for (const userId of [stays, leaves, joins])
    expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  const group = await givenGroup(usher, provider, integration, [stays, leaves]);
  provider.migrate();
  const accountOf = (userId: string) => remoteIdOf(usher, integration, userId);
  return { provider, integration, group, stays, leaves, joins, accountOf };
};

test("a role that became a group is found by its name and taken over under its new id, with its members", async () => {
  const { provider, group, stays, leaves, joins, accountOf } = await givenMigrated();
  const [{ id: newId } = { id: "" }] = await provider.groups();
  expect([group.remoteId.slice(0, 2), newId.slice(0, 6)]).toEqual(["r-", "group-"]);
  const change = { add: [joins], remove: [leaves] };
  expect((await usher.call("POST", `${group.path}/members`, change)).body).toMatchObject({
    state: "in_sync",
    remoteId: newId,
  });
  const members = [await accountOf(stays), await accountOf(joins)].toSorted();
  const groups = await provider.groups();
  expect(groups).toMatchObject([{ id: newId, displayName: group.name }]);
  expect(groups[0]?.members.toSorted()).toEqual(members);
  const types = await eventTypesOf(usher, `groupId=${group.groupId}`);
  expect(types.slice(1)).toEqual(["!group_update_provision", "group_update_provision"]);

  forget(provider);
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [leaves] }));
  expect(writes(provider).map(({ path }) => path)).toEqual([`/Groups/${newId}`]);
});

test("a role that became a group and is renamed meanwhile is found by the name that it had", async () => {
  const { provider, group, stays, leaves, accountOf } = await givenMigrated();
  const [{ id: newId } = { id: "" }] = await provider.groups();
  const { body } = await usher.call("PUT", group.path, { name: `${group.name} of production` });
  expect(body).toMatchObject({ state: "in_sync", remoteId: newId });
  const groups = await provider.groups();
  expect(groups).toMatchObject([{ id: newId, displayName: `${group.name} of production` }]);
  expect(groups[0]?.members.toSorted()).toEqual([await accountOf(stays), await accountOf(leaves)].toSorted());
});

test("roles that became groups are asked for nothing until something of them changes", async () => {
  const { provider, group } = await givenMigrated();
  forget(provider);
  expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
    action: "unchanged",
    state: "in_sync",
  });
  expect(requestLines(provider)).toEqual([]);
});

test("a leaver is out of the group that a role became", async () => {
  const { provider, stays, leaves, accountOf } = await givenMigrated();
  expectOk(await usher.call("DELETE", `/users/${leaves}`));
  expect((await provider.groups())[0]?.members).toEqual([await accountOf(stays)]);
});

test("a role that became a group is deleted under its new id, where its members show that it is the same", async () => {
  const { provider, group } = await givenMigrated();
  passTime(replicationMs);
  const answer = await usher.call("DELETE", `${group.path}?action=delete`);
  expect(answer.body).toMatchObject({ action: "deleted", state: "deleted" });
  expect(await provider.groups()).toEqual([]);
});

test("a group of which nothing shows that it is the role to be deleted is told, and left, until it is gone", async () => {
  const { provider, group, stays, accountOf } = await givenMigrated();
  passTime(replicationMs);
  const [{ id: newId } = { id: "" }] = await provider.groups();
  const path = `members[value eq "${await accountOf(stays)}"]`;
  await call(provider, "PATCH", `/Groups/${newId}`, patchOp({ op: "remove", path }));
  const answer = await usher.call("DELETE", `${group.path}?action=delete`);
  expect(answer.body).toMatchObject({
    code: "provider-rejected",
    detail: expect.stringContaining(`another one named ${group.name} is there (${newId})`),
  });
  expect(await provider.groups()).toHaveLength(1);
  await call(provider, "DELETE", `/Groups/${newId}`);
  const again = await usher.call("DELETE", `${group.path}?action=delete`);
  expect(again.body).toMatchObject({ state: "deleted" });
});
