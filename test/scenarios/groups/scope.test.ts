import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  eventsOf,
  eventTypesOf,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  newId,
  passTime,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async (count: number, fields: object = {}) => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider, fields);
  const members = await givenSaved(usher, count);
  const userPath = (userId: string | undefined) => `${integration.path}/users/${userId}`;
  const activeOf = async (userId: string | undefined) =>
    (await usher.call("GET", userPath(userId))).body.active;
  return { provider, integration, members, userPath, activeOf };
};

test("a user held by a group alone is deprovisioned when removed from it; one assigned directly stays", async () => {
  const { provider, integration, members, activeOf, userPath } = await given(3);
  const [held, direct, stays] = members;
  const group = await givenGroup(usher, provider, integration, members);
  await usher.call("PUT", userPath(direct));
  const answer = await usher.call("POST", `${group.path}/members`, { remove: [held, direct] });
  expect(answer.body).toMatchObject({ action: "updated", members: { added: 0, removed: 2 } });
  expect([await activeOf(held), await activeOf(direct), await activeOf(stays)]).toEqual([false, true, true]);
  expect((await usher.call("GET", userPath(held))).body).toMatchObject({
    state: "deprovisioned",
    assigned: { direct: false, groups: [] },
  });
  expect(await eventTypesOf(usher, `userId=${held}&eventType=user_deprovision`)).toHaveLength(1);
});

test("a user held by a second group stays when the first one lets go", async () => {
  const { provider, integration, members, activeOf } = await given(2);
  const first = await givenGroup(usher, provider, integration, members);
  const second = await givenGroup(usher, provider, integration, members.slice(0, 1));
  await usher.call("PUT", first.path, { name: first.name, members: [] });
  expect([await activeOf(members[0]), await activeOf(members[1])]).toEqual([true, false]);
  await usher.call("DELETE", second.path);
  expect(await activeOf(members[0])).toBe(false);
});

test.each([
  ["delete", "user_delete_provision", 0, undefined],
  ["none", undefined, 1, true],
])("losing the last hold follows onUserUnassigned: %s", async (onUserUnassigned, eventType, left, active) => {
  const { provider, integration, members } = await given(1, { policies: { onUserUnassigned } });
  const group = await givenGroup(usher, provider, integration, members);
  await usher.call("POST", `${group.path}/members`, { remove: members });
  const users = await provider.users();
  expect(users).toHaveLength(left);
  expect(users[0]?.active).toBe(active);
  const types = await eventTypesOf(usher, `userId=${members[0]}`);
  expect(types.filter((type) => /^user_(delete|deprov)/.test(type))).toEqual(eventType ? [eventType] : []);
});

test("unbinding leaves the group at the provider and deprovisions members whom nobody else holds", async () => {
  const { provider, integration, members, activeOf } = await given(3);
  const group = await givenGroup(usher, provider, integration, members);
  await givenGroup(usher, provider, integration, members.slice(0, 1));
  const answer = await usher.call("DELETE", group.path);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ groupId: group.groupId, state: "deprovisioned" });
  expect((await provider.groups()).map(({ id }) => id)).toContain(group.remoteId);
  expect([await activeOf(members[0]), await activeOf(members[1]), await activeOf(members[2])]).toEqual([
    true,
    false,
    false,
  ]);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ bound: false, state: "deprovisioned" });
  expect(provider.requests.filter(({ path }) => path.startsWith("/Groups"))).toEqual([]);

  forget(provider);
  const back = await usher.call("PUT", group.path, { name: group.name });
  expect(back.body).toMatchObject({ state: "in_sync", remoteId: group.remoteId });
  expect(await activeOf(members[1])).toBe(true);
  const [remote] = (await provider.groups()).filter(({ id }) => id === group.remoteId);
  expect(remote?.members).toHaveLength(3);
});

test("?action=delete deletes the group there, as an event of its own, and the name is free again", async () => {
  const { provider, integration, members, activeOf } = await given(2);
  const group = await givenGroup(usher, provider, integration, members);
  const answer = await usher.call("DELETE", `${group.path}?action=delete`);
  expect(answer.body).toMatchObject({ action: "deleted", state: "deleted" });
  expect(await provider.groups()).toEqual([]);
  expect(await activeOf(members[0])).toBe(false);
  expect(await eventTypesOf(usher, `groupId=${group.groupId}`)).toEqual([
    "group_create_provision",
    "group_delete_provision",
  ]);
  expect((await usher.call("GET", group.path)).body).toMatchObject({
    bound: false,
    state: "deleted",
    desired: "absent",
  });

  const back = await usher.call("PUT", group.path, { name: group.name });
  expect(back.body).toMatchObject({ action: "created", state: "in_sync", members: { added: 2 } });
});

test("a group whose deletion fails is failed, and the same call again deletes it", async () => {
  const { provider, integration, members } = await given(1);
  const group = await givenGroup(usher, provider, integration, members);
  provider.intercept = ({ method, path }) =>
    method === "DELETE" && path.startsWith("/Groups") ? scimError(403, "Role in use.") : undefined;
  const failed = await usher.call("DELETE", `${group.path}?action=delete`);
  expect(failed.status).toBe(502);
  expect(failed.body).toMatchObject({ code: "provider-rejected", eventId: expect.any(String) });
  expect((await usher.call("GET", group.path)).body.lastError).toMatchObject({ code: "provider-rejected" });
  provider.intercept = undefined;
  expect((await usher.call("DELETE", `${group.path}?action=delete`)).body).toMatchObject({
    state: "deleted",
  });
  expect(await provider.groups()).toEqual([]);
});

test("a call that takes away more than ten users and a tenth of all does nothing, and goes on once confirmed", async () => {
  const { provider, integration, members } = await given(12);
  const group = await givenGroup(usher, provider, integration, members);
  const calls = [
    ["PUT", group.path, { name: "Renamed", members: members.slice(0, 1) }],
    ["POST", `${group.path}/members`, { remove: members.slice(1) }],
    ["DELETE", group.path, undefined],
  ] as const;
  for (const [method, path, body] of calls) {
    const held = await usher.call(method, path, body);
    expect([method, held.status, held.body.code]).toEqual([method, 409, "deprovisions-held"]);
    const count = method === "DELETE" ? 12 : 11;
    expect(held.body.detail).toContain(String(count));
    expect(held.body).not.toHaveProperty("eventId");
    for (const other of [count - 1, count + 1, 999_999]) {
      const guessed = await usher.call(method, `${path}?confirm=${other}`, body);
      expect([guessed.status, guessed.body.code, guessed.body.count]).toEqual([
        409,
        "deprovisions-held",
        count,
      ]);
    }
  }
  expect(provider.requests).toEqual([]);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ name: group.name, state: "in_sync" });

  const confirmed = await usher.call("POST", `${group.path}/members?confirm=11`, {
    remove: members.slice(1),
  });
  expect(confirmed.body).toMatchObject({ action: "updated", members: { removed: 11 } });
  expect((await provider.users()).filter(({ active }) => active)).toHaveLength(1);
});

test("ten users, or users whom something else holds, are not held", async () => {
  const { provider, integration, members } = await given(14);
  const group = await givenGroup(usher, provider, integration, members);
  await givenGroup(usher, provider, integration, members.slice(0, 4));
  const answer = await usher.call("PUT", group.path, { name: group.name, members: [] });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ members: { removed: 14 } });
  expect((await provider.users()).filter(({ active }) => active)).toHaveLength(4);
});

test("of two integrations that share a directory group, the other one follows by itself", async () => {
  const one = await given(3);
  const two = await given(0);
  const [first = "", second = "", third = ""] = one.members;
  const group = await givenGroup(usher, one.provider, one.integration, [first, second]);
  const other = `${two.integration.path}/groups/${group.groupId}`;
  expect((await usher.call("PUT", other, { name: group.name })).body).toMatchObject({
    state: "in_sync",
    members: { added: 2 },
  });

  const change = { add: [third], remove: [first] };
  expect((await usher.call("POST", `${group.path}/members`, change)).body).toMatchObject({
    state: "in_sync",
  });
  expect((await usher.call("GET", group.path)).body.state).toBe("in_sync");
  // What came by itself leaves the account open for a minute.
  await until(async () => (await two.activeOf(third)) === true);
  await until(async () => (await usher.call("GET", other)).body.state === "in_sync");
  passTime(61_000);
  await usher.run.recover();
  await until(async () => (await two.activeOf(first)) === false);
  await until(async () => (await usher.call("GET", other)).body.state === "in_sync");
  expect((await two.provider.groups())[0]?.members).toHaveLength(2);
  forget(two.provider);
  const again = await usher.call("PUT", other, { name: group.name });
  expect(again.body).toMatchObject({ state: "in_sync", action: "unchanged" });
  expect(two.provider.requests).toEqual([]);
});

test("groups of an integration are listed; calls on unknown ones are 404 without an event", async () => {
  const { provider, integration, members } = await given(1);
  const groups = [];
  for (let at = 0; at < 3; at += 1) groups.push(await givenGroup(usher, provider, integration, members));
  const page = (await usher.call("GET", `${integration.path}/groups?limit=2`)).body;
  const rest = (await usher.call("GET", `${integration.path}/groups?limit=2&cursor=${page.nextCursor}`)).body;
  expect([...page.items, ...rest.items].map(({ groupId }) => groupId).toSorted()).toEqual(
    groups.map(({ groupId }) => groupId).toSorted(),
  );
  const path = `${integration.path}/groups/${newId("unknown")}`;
  const before = await eventsOf(usher, `integrationId=${integration.integrationId}`);
  for (const [method, at, body] of [
    ["GET", path, undefined],
    ["GET", `${path}/members`, undefined],
    ["POST", `${path}/members`, { add: members }],
    ["DELETE", path, undefined],
  ] as const) {
    expect([method, (await usher.call(method, at, body)).status]).toEqual([method, 404]);
  }
  expect(await eventsOf(usher, `integrationId=${integration.integrationId}`)).toEqual(before);
});

test("who leaves the directory goes without a request for a group, once the groups of the integration are off", async () => {
  const policies = { onUserUnassigned: "deprovision", onUserDeleted: "deprovision" };
  const { provider, integration, members, activeOf } = await given(2, { policies });
  await givenGroup(usher, provider, integration, members);
  const off = await usher.call("PATCH", integration.path, { groupsEnabled: false });
  expect(off.body).toMatchObject({ groupsEnabled: false });
  forget(provider);
  const { body } = await usher.call("DELETE", `/users/${members[0]}`);
  expect(body.receipts).toMatchObject([
    { integrationId: integration.integrationId, eventIds: [expect.any(String)] },
  ]);
  expect(provider.requests.filter(({ path }) => path.startsWith("/Groups"))).toEqual([]);
  expect(provider.requests.length).toBeGreaterThan(0);
  expect(await activeOf(members[1])).toBe(true);
});
