import { expect, test } from "vitest";
import { call, GROUP } from "../../providers/call.ts";
import { givenQuirky, groupWrites } from "../../support/quirks.ts";
import {
  detailsOf,
  eventsOf,
  eventTypesOf,
  expectOk,
  forget,
  patchedPaths,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

const ways = [
  ["prefixed", "Équipe Neuve", "PRIMARY/Équipe Neuve"],
  ["decomposed", "Équipe Neuve", "Équipe Neuve".normalize("NFD")],
] as const;

/** A group of one, made by a provider that shows it under its own spelling of the name. */
const givenGroupOf = async (respellsNames: "prefixed" | "decomposed", name: string, more: object = {}) => {
  const { provider, integration, userId, user, path } = await givenQuirky(usher, { respellsNames, ...more });
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  const group = `${integration.path}/groups/group-of-${userId}`;
  const bind = (as = name) => usher.call("PUT", group, { name: as, members: [userId] });
  const { body } = expectOk(await bind());
  return { provider, integration, userId, account: path, group, bind, body };
};

test.each(ways)(
  "a group whose name comes back %s is bound, filled, and left alone by the next call",
  async (way, name, shown) => {
    const { provider, userId, bind, body } = await givenGroupOf(way, name);
    expect(body).toMatchObject({ action: "created", state: "in_sync", members: { added: 1, pending: [] } });
    expect(groupWrites(provider).map(({ method }) => method)).toEqual(["POST", "PATCH"]);
    const event = (await eventsOf(usher, `groupId=group-of-${userId}`)).at(-1);
    expect(event).toMatchObject({ event_type: "group_create_provision", success: true });
    expect(detailsOf(event)).toContain(shown);
    forget(provider);
    expect((await bind()).body).toMatchObject({ action: "unchanged", state: "in_sync" });
    expect(requestLines(provider)).toEqual([]);
  },
);

test.each(ways)("a group whose name comes back %s is made once where names may repeat", async (way, name) => {
  const { provider, bind } = await givenGroupOf(way, name, { allowsDuplicates: true });
  for (const _ of [1, 2]) expectOk(await bind());
  expect(await provider.groups()).toMatchObject([{ members: [expect.any(String)] }]);
});

test.each(ways)(
  "a group whose name comes back %s is renamed once, and is known by that",
  async (way, name) => {
    const { provider, integration, bind, body } = await givenGroupOf(way, name);
    forget(provider);
    const other = `${name} 2`;
    expect((await bind(other)).body).toMatchObject({ action: "updated", state: "in_sync" });
    expect(groupWrites(provider).map(({ method }) => method)).toEqual(["PATCH"]);
    expect(await provider.groups()).toMatchObject([{ displayName: other }]);
    forget(provider);
    expect((await bind(other)).body).toMatchObject({ action: "unchanged", state: "in_sync" });
    expect(requestLines(provider)).toEqual([]);

    expectOk(await usher.call("PATCH", integration.path, { baseUrl: `${provider.baseUrl}/moved` }));
    expect((await bind(other)).body).toMatchObject({ state: "in_sync", remoteId: body.remoteId });
    expect(groupWrites(provider)).toEqual([]);
    expect(await provider.groups()).toHaveLength(1);
  },
);

test("a group that is there composed is taken where the directory has its name decomposed", async () => {
  const { provider, integration, userId, user } = await givenQuirky(usher, {});
  const name = "Équipe Ventes";
  const theirs = { schemas: [GROUP], displayName: name.normalize("NFC"), members: [] };
  const { json } = await call(provider, "POST", "/Groups", theirs);
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  const body = { name: name.normalize("NFD"), members: [userId] };
  const answer = await usher.call("PUT", `${integration.path}/groups/sales-of-${userId}`, body);
  expect(answer.body).toMatchObject({ action: "adopted", state: "in_sync", remoteId: json.id });
  expect(await provider.groups()).toHaveLength(1);
});

test.each([404, 503])("a rename is done where the read behind it is answered %i", async (status) => {
  const { provider, userId, account, bind } = await givenGroupOf("prefixed", "Ops");
  provider.intercept = ({ method, path }) =>
    method === "GET" && path.startsWith("/Groups/") ? { status } : undefined;
  expect((await bind("Dev")).body).toMatchObject({ action: "updated", state: "in_sync" });
  provider.intercept = ({ method, path }) =>
    method === "GET" && path.startsWith("/Users/") ? { status } : undefined;
  const renamed = { email: `other-${userId}@example.com`, firstname: "Other", lastname: "Example" };
  expect((await usher.call("PUT", account, renamed)).body).toMatchObject({
    action: "updated",
    state: "in_sync",
  });
  expect(await provider.groups()).toMatchObject([{ displayName: "Dev" }]);
});

test("a rename is done where the read behind it is answered 401, and the next call stops for it", async () => {
  const { provider, integration, bind } = await givenGroupOf("prefixed", "Ops");
  provider.intercept = ({ method, path }) =>
    method === "GET" && path.startsWith("/Groups/") ? { status: 401 } : undefined;
  expect((await bind("Dev")).body).toMatchObject({ action: "updated", state: "in_sync" });
  expect((await bind("Eng")).status).toBe(502);
  expect((await usher.call("GET", integration.path)).body.status).toBe("needs_reauth");
  expect(await provider.groups()).toMatchObject([{ displayName: "Dev" }]);
});

test.each(ways)(
  "a group whose name comes back %s is deleted also under another base URL",
  async (way, name) => {
    const { provider, integration, group } = await givenGroupOf(way, name);
    expectOk(await usher.call("PATCH", integration.path, { baseUrl: `${provider.baseUrl}/moved` }));
    const { body } = await usher.call("DELETE", `${group}?action=delete`);
    expect(body).toMatchObject({ action: "deleted" });
    expect(await provider.groups()).toEqual([]);
  },
);

test("an account whose userName comes back prefixed is kept, renamed once, and found under another base URL", async () => {
  const { provider, integration, userId, user, path } = await givenQuirky(usher, {
    respellsNames: "prefixed",
  });
  const { body } = expectOk(await usher.call("PUT", path, user));
  expect(body).toMatchObject({ action: "created", state: "in_sync" });
  forget(provider);
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "unchanged" });
  expect(requestLines(provider)).toEqual([]);

  const renamed = { ...user, email: `other-${user.email}` };
  expect((await usher.call("PUT", path, renamed)).body).toMatchObject({
    action: "updated",
    state: "in_sync",
  });
  expect(writes(provider).map(({ method }) => method)).toEqual(["PATCH"]);
  expectOk(await usher.call("PATCH", integration.path, { baseUrl: `${provider.baseUrl}/moved` }));
  forget(provider);
  expect((await usher.call("PUT", path, renamed)).body).toMatchObject({
    state: "in_sync",
    remoteId: body.remoteId,
  });
  // The provider shows no externalId: it is sent once more to an account that is verified.
  expect(writes(provider).map(patchedPaths)).toEqual([["externalId"]]);
  expectOk(await usher.call("DELETE", `${path}?action=delete`));
  expect(await provider.users()).toEqual([]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).not.toContainEqual(expect.stringMatching(/^!/));
});

test.each<[string, (shown: object) => { status: number; body?: string }]>([
  ["is not found yet", () => ({ status: 404 })],
  ["cannot be read", () => ({ status: 503 })],
])("a group that comes back under another name and %s is ours by the word of its 201", async (_, answer) => {
  const { provider, integration, userId, user } = await givenQuirky(usher, { respellsNames: "prefixed" });
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  provider.intercept = ({ method, path }) =>
    method === "GET" && path.startsWith("/Groups/") ? answer({}) : undefined;
  const group = `${integration.path}/groups/group-of-${userId}`;
  const { body } = expectOk(await usher.call("PUT", group, { name: "Ops", members: [userId] }));
  expect(body).toMatchObject({ action: "created", state: "in_sync", remoteId: expect.any(String) });
  expect(await provider.groups()).toMatchObject([{ id: body.remoteId, members: [expect.any(String)] }]);
});

test("a 201 that shows a group of another directory group does not become ours", async () => {
  const { provider, integration, userId, body } = await givenGroupOf("prefixed", "Theirs");
  const shown = { id: body.remoteId, displayName: "PRIMARY/Theirs" };
  provider.intercept = ({ method, path }) =>
    method === "POST" && path === "/Groups" ? { status: 201, body: JSON.stringify(shown) } : undefined;
  const group = `${integration.path}/groups/other-of-${userId}`;
  const answer = await usher.call("PUT", group, { name: "Ours", members: [userId] });
  expect([answer.status, answer.body.code]).toEqual([409, "account-claimed"]);
  expect((await usher.call("GET", group)).body).not.toHaveProperty("remoteId");
});

test("a 201 that shows a resource with another externalId does not become ours", async () => {
  const { provider, integration, userId, user } = await givenQuirky(usher, {});
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  const shown = JSON.stringify({ id: "theirs", displayName: "Theirs", externalId: "theirs" });
  provider.intercept = ({ method, path }) => {
    if (method === "POST" && path === "/Groups") return { status: 201, body: shown };
    return path === "/Groups/theirs" ? { status: 200, body: shown } : undefined;
  };
  const group = `${integration.path}/groups/group-of-${userId}`;
  const answer = await usher.call("PUT", group, { name: "Ours", members: [userId] });
  expect([answer.status, answer.body.code]).toEqual([502, "provider-malformed"]);
  expect((await usher.call("GET", group)).body).not.toHaveProperty("remoteId");
});

test("blanks around a group's name are left out, and a name of blanks is refused", async () => {
  const { provider, integration, userId, user } = await givenQuirky(usher, {});
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  const group = `${integration.path}/groups/group-of-${userId}`;
  const blank = await usher.call("PUT", group, { name: "  ", members: [userId] });
  expect([blank.status, blank.body.code]).toEqual([400, "invalid-input"]);
  expectOk(await usher.call("PUT", group, { name: " Sales ", members: [userId] }));
  expect(await provider.groups()).toMatchObject([{ displayName: "Sales" }]);
});
