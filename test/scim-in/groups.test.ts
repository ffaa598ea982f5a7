import { expect, test } from "vitest";
import { aUser, groupUrn, patch, type SourceAt, useScim } from "./use-scim.ts";

const usher = useScim();

let made = 0;
const aGroup = (more: object = {}) => {
  made += 1;
  return { schemas: [groupUrn], displayName: `Engineers ${made}`, ...more };
};
const given = async (users: number) => {
  const source = await usher.newSource();
  const ids: string[] = [];
  for (let at = 0; at < users; at += 1) ids.push((await source.scim("POST", "/Users", aUser())).body.id);
  return { source, ids };
};
const membersOf = async (source: SourceAt, groupId: string): Promise<string[]> => {
  const { body } = await source.scim("GET", `/Groups/${groupId}`);
  return (body.members ?? []).map(({ value }: { value: string }) => value).sort();
};
const values = (ids: readonly string[]) => ids.map((value) => ({ value }));

test("a group is made with its members, and is a group of the directory", async () => {
  const { source, ids } = await given(2);
  const sent = aGroup({ externalId: "ext-1", members: values(ids) });
  const made = await source.scim("POST", "/Groups", sent);
  expect(made.status).toBe(201);
  expect(made.headers.get("location")).toBe(`${usher.url()}/scim/v2/Groups/${made.body.id}`);
  expect(made.body).toMatchObject({ displayName: sent.displayName, externalId: "ext-1" });
  expect(await membersOf(source, made.body.id)).toEqual([...ids].sort());
  expect((await usher.call("GET", `/groups/${made.body.id}`)).body).toMatchObject({
    name: sent.displayName,
    memberCount: 2,
    source: { sourceId: source.sourceId },
  });
  expect((await source.scim("POST", "/Groups", sent)).body).toMatchObject({
    status: "409",
    scimType: "uniqueness",
  });
});

test("what Okta sends right after each creation changes no member", async () => {
  const { source, ids } = await given(1);
  const { body } = await source.scim("POST", "/Groups", aGroup({ members: values(ids) }));
  const replace = { op: "replace", value: { id: body.id, displayName: body.displayName } };
  expect((await source.scim("PATCH", `/Groups/${body.id}`, patch(replace))).status).toBe(204);
  expect((await source.scim("PUT", `/Groups/${body.id}`, { displayName: "Renamed" })).status).toBe(200);
  expect(await membersOf(source, body.id)).toEqual(ids);
});

test.each([
  ["Entra", (id: string) => [{ op: "Remove", path: "members", value: [{ value: id }] }]],
  ["Okta", (id: string) => [{ op: "remove", path: `members[value eq "${id}"]` }]],
  ["authentik", (id: string) => [{ op: "remove", path: "members", value: [{ value: id, type: "User" }] }]],
])("members are added and removed one by one as %s does", async (_, remove) => {
  const { source, ids } = await given(3);
  const { body } = await source.scim("POST", "/Groups", aGroup());
  const path = `/Groups/${body.id}`;
  for (const id of [...ids, ids[0]])
    await source.scim("PATCH", path, patch({ op: "Add", path: "members", value: [{ value: id }] }));
  expect(await membersOf(source, body.id)).toEqual([...ids].sort());
  await source.scim("PATCH", path, patch(...remove(String(ids[0]))));
  expect(await membersOf(source, body.id)).toEqual(ids.slice(1).sort());
});

test("an unknown member fails no push, and another source's user is as unknown as one who never was", async () => {
  const { source, ids } = await given(1);
  const other = await given(1);
  const sent = aGroup({ members: values([...ids, ...other.ids, "never-was"]) });
  const { status, body } = await source.scim("POST", "/Groups", sent);
  expect(status).toBe(201);
  expect(await membersOf(source, body.id)).toEqual(ids);
});

test("a replacement by nobody empties the group, and members without a list take everybody out", async () => {
  const { source, ids } = await given(2);
  for (const operation of [
    { op: "replace", path: "members", value: [] },
    { op: "remove", path: "members" },
  ]) {
    const { body } = await source.scim("POST", "/Groups", aGroup({ members: values(ids) }));
    expect((await source.scim("PATCH", `/Groups/${body.id}`, patch(operation))).status).toBe(204);
    expect(await membersOf(source, body.id)).toEqual([]);
  }
});

test("look-ups by name, in any case, and by externalId, to the letter, show members only where they are asked for", async () => {
  const { source, ids } = await given(1);
  const { body } = await source.scim(
    "POST",
    "/Groups",
    aGroup({ externalId: "Ext-Case", members: values(ids) }),
  );
  const find = async (filter: string, rest = "") =>
    (await source.scim("GET", `/Groups?filter=${encodeURIComponent(filter)}${rest}`)).body.Resources;
  expect(await find(`displayName eq "${body.displayName.toUpperCase()}"`)).toMatchObject([{ id: body.id }]);
  expect(await find('externalId eq "Ext-Case"')).toHaveLength(1);
  expect(await find('externalId eq "ext-case"')).toEqual([]);
  expect((await find(`id eq "${body.id}"`, "&excludedAttributes=members"))[0].members).toBeUndefined();
  expect(await find(`id eq "${body.id}" and members eq "${ids[0]}"`)).toHaveLength(1);
  expect(await find(`id eq "${body.id}" and members eq "nobody"`)).toEqual([]);
  expect(await find(`members.value eq "${ids[0]}"`)).toHaveLength(1);
});

test("a deleted group is gone, and its name is free at once", async () => {
  const { source, ids } = await given(1);
  const sent = aGroup({ members: values(ids) });
  const { body } = await source.scim("POST", "/Groups", sent);
  expect((await source.scim("DELETE", `/Groups/${body.id}`)).status).toBe(204);
  for (const method of ["GET", "DELETE"])
    expect((await source.scim(method, `/Groups/${body.id}`)).status).toBe(404);
  const again = await source.scim("POST", "/Groups", sent);
  expect(again.status).toBe(201);
  const events = await usher.eventsOf(`groupId=${body.id}&order=asc`);
  expect(events.map((event) => event.event_type)).toEqual(["group_create", "group_update", "group_delete"]);
});

test("a user whom the source deletes leaves its groups", async () => {
  const { source, ids } = await given(2);
  const { body } = await source.scim("POST", "/Groups", aGroup({ members: values(ids) }));
  await source.scim("DELETE", `/Users/${ids[0]}`);
  expect(await membersOf(source, body.id)).toEqual([ids[1]]);
});

test("add and remove of one member in one PATCH leave them out", async () => {
  const { source, ids } = await given(1);
  const { body } = await source.scim("POST", "/Groups", aGroup());
  const one = { path: "members", value: values(ids) };
  await source.scim("PATCH", `/Groups/${body.id}`, patch({ op: "Add", ...one }, { op: "Remove", ...one }));
  expect(await membersOf(source, body.id)).toEqual([]);
});

test("more than 10,000 members in one request are refused, and nothing is changed", async () => {
  const { source, ids } = await given(1);
  const { body } = await source.scim("POST", "/Groups", aGroup({ members: values(ids) }));
  const many = Array.from({ length: 10_001 }, (_, at) => ({ value: `u${at}` }));
  const refused = await source.scim(
    "PATCH",
    `/Groups/${body.id}`,
    patch({ op: "add", path: "members", value: many }),
  );
  expect(refused.body).toMatchObject({ status: "413" });
  expect(await membersOf(source, body.id)).toEqual(ids);
});

test("a member who is not there yet joins once a source has them", async () => {
  const { source } = await given(0);
  const userId = `waited.for.${Date.now()}`;
  const { body } = await source.scim("POST", "/Groups", aGroup({ members: values([userId]) }));
  const other = await source.scim("POST", "/Groups", aGroup());
  const add = patch({ op: "add", path: "members", value: values([userId]) });
  await source.scim("PATCH", `/Groups/${other.body.id}`, add);
  await source.scim(
    "PATCH",
    `/Groups/${other.body.id}`,
    patch({ op: "remove", path: `members[value eq "${userId}"]` }),
  );
  const email = `${userId}@example.com`;
  await usher.call("PUT", `/users/${userId}`, { email, firstname: "Ada", lastname: "Lovelace" });
  expect(await membersOf(source, body.id)).toEqual([]);
  const waiting = async () => (await usher.call("GET", `/groups/${body.id}`)).body.source.waiting;
  expect(await waiting()).toEqual({ total: 1, userIds: [userId] });
  const made = await source.scim("POST", "/Users", { userName: email });
  expect(made.body.id).toBe(userId);
  expect(await membersOf(source, body.id)).toEqual([userId]);
  expect(await waiting()).toBeUndefined();
  expect(await membersOf(source, other.body.id)).toEqual([]);
});

test("a push that names 9,999 unknown members beside one who is there takes that one", async () => {
  const source = await usher.newSource();
  const one = (await source.scim("POST", "/Users", aUser())).body.id;
  const many = Array.from({ length: 9_999 }, (_, at) => ({ value: `unknown-${at}` }));
  const { body } = await source.scim("POST", "/Groups", aGroup());
  const push = patch({ op: "add", path: "members", value: [...many, { value: one }] });
  expect((await source.scim("PATCH", `/Groups/${body.id}`, push)).status).toBe(204);
  expect(await membersOf(source, body.id)).toEqual([one]);
  const { source: owner } = (await usher.call("GET", `/groups/${body.id}`)).body;
  expect(owner.displayName).toBe(body.displayName);
  expect(owner.waiting).toMatchObject({ total: 500, userIds: { length: 20 }, dropped: 9_499 });
});

test("members who are dropped since too many wait are counted and listed, until the group is pushed with fewer", async () => {
  const source = await usher.newSource();
  const named = (from: number, to: number) =>
    values(Array.from({ length: to - from }, (_, at) => `nobody-${from + at}`));
  const group = aGroup({ members: named(0, 700) });
  const { body } = await source.scim("POST", "/Groups", group);
  const shown = async () => (await usher.call("GET", `/groups/${body.id}`)).body;
  const conflicts = async () => (await usher.call("GET", `/sources/${source.sourceId}/conflicts`)).body.items;
  expect((await shown()).source.waiting).toMatchObject({ total: 500, dropped: 200 });
  expect(await conflicts()).toMatchObject([
    { kind: "group", reason: "members-dropped", groupIds: [body.id] },
  ]);
  // Who waits already is not dropped, and the same push again changes nothing.
  const add = patch({ op: "add", path: "members", value: [...named(600, 700), ...named(0, 600)] });
  await source.scim("PATCH", `/Groups/${body.id}`, add);
  const { version } = await shown();
  await source.scim("PATCH", `/Groups/${body.id}`, add);
  expect(await shown()).toMatchObject({ version, source: { waiting: { total: 500, dropped: 200 } } });
  await source.scim("PUT", `/Groups/${body.id}`, { ...group, members: named(0, 500) });
  expect((await shown()).source.waiting).toEqual({ total: 500, userIds: expect.any(Array) });
  expect(await conflicts()).toEqual([]);
});

test("a user who arrives while a group that names them is pushed is its member", async () => {
  const source = await usher.newSource();
  for (let round = 0; round < 10; round += 1) {
    const userId = `beside.${round}.${Date.now()}`;
    const email = `${userId}@example.com`;
    await usher.call("PUT", `/users/${userId}`, { email, firstname: "Ada", lastname: "Lovelace" });
    const [group, user] = await Promise.all([
      source.scim("POST", "/Groups", aGroup({ members: values([userId]) })),
      source.scim("POST", "/Users", { userName: email }),
    ]);
    expect([group.status, user.status]).toEqual([201, 201]);
    expect(await membersOf(source, group.body.id)).toEqual([userId]);
  }
});

test("all members that a group waits for join once the source is given them", async () => {
  const [source, before] = [await usher.newSource(), await usher.newSource()];
  const ids: string[] = [];
  for (let at = 0; at < 60; at += 1) ids.push((await before.scim("POST", "/Users", aUser())).body.id);
  const { body } = await source.scim("POST", "/Groups", aGroup({ members: values(ids) }));
  await usher.call("DELETE", `/sources/${before.sourceId}`);
  const adopted = await usher.call("POST", `/sources/${source.sourceId}/adopt`, { userIds: ids });
  expect(adopted).toMatchObject({ status: 200, body: { state: "done", users: 60 } });
  expect((await membersOf(source, body.id)).toSorted()).toEqual(ids.toSorted());
});
