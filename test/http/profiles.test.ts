import { beforeEach, describe, expect, test } from "vitest";
import { type MemoryProvider, memoryProvider } from "../scim/lookup/memory-provider.ts";
import { patchOf, startServer } from "../scim/loopback.ts";
import { useRun } from "./use-run.ts";

const usher = useRun();
const credentials = { type: "bearer", clientSecret: "tok-9f2c4e7a1b8d6053" };
const ada = {
  email: "ada@example.com",
  firstname: "Ada",
  lastname: "Lovelace",
  phoneNumbers: [
    { type: "home", number: "+1 1" },
    { type: "work", number: "+1 2" },
  ],
};

let provider: MemoryProvider;
let server: Awaited<ReturnType<typeof startServer>>;
beforeEach(async () => {
  provider = memoryProvider();
  server = await startServer(provider.handler);
});
const lines = () => server.requests.map(({ method, path }) => `${method} ${path.replace("/scim/v2", "")}`);
const activate = (fields: object = {}) =>
  usher.call("POST", "/integrations", {
    application: { name: "Test" },
    baseUrl: server.baseUrl,
    credentials,
    ...fields,
  });
const given = async (fields: object = {}): Promise<string> => {
  const { status, text, body } = await activate(fields);
  if (status !== 201) throw new Error(`the activation answered ${status}: ${text}`);
  server.requests.length = 0;
  return `/integrations/${body.integrationId}`;
};
let made = 0;
const newId = () => `id-${++made}`;
/** A provisioned user with an address of their own. */
const put = (path: string, userId: string, fields: object = {}) =>
  usher.call("PUT", `${path}/users/${userId}`, { ...ada, email: `${userId}@example.com`, ...fields });
const eventsOf = async (path: string) =>
  (await usher.call("GET", `/events?integrationId=${path.split("/")[2]}&order=asc`)).body.items;

describe("activation", () => {
  test("tells what is worth knowing, and that nothing was tried live is in the docs", async () => {
    const { status, body } = await activate({ profile: "aws-identity-center" });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      profile: "aws-identity-center",
      warnings: expect.arrayContaining([expect.stringContaining("one e-mail")]),
    });
    const read = await usher.call("GET", `/integrations/${body.integrationId}`);
    expect(read.body).not.toHaveProperty("warnings");
  });

  test("a base URL of another shape is refused in words, before anything is sent", async () => {
    const { status, body } = await activate({
      profile: "aws-identity-center",
      baseUrl: "https://example.com/scim/v2",
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: "invalid-input",
      errors: [{ path: "baseUrl", message: expect.stringContaining("amazonaws.com") }],
    });
  });

  test("nor is a base URL taken later that does not look like the profile's", async () => {
    const path = await given({ profile: "aws-identity-center" });
    const credentials = { type: "bearer", clientSecret: "another-token-1" };
    const patch = { baseUrl: "https://example.com/scim/v2", credentials };
    const { status, body } = await usher.call("PATCH", path, patch);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: "invalid-input",
      errors: [{ path: "baseUrl", message: expect.stringContaining("amazonaws.com") }],
    });
    expect(server.requests).toHaveLength(0);
  });

  test("a profile without groups has none: by itself, and not against its will", async () => {
    expect((await activate({ profile: "gitlab" })).body).toMatchObject({ groupsEnabled: false });
    expect(lines().some((line) => line.includes("/Groups"))).toBe(false);
    const refused = await activate({ profile: "gitlab", groupsEnabled: true });
    expect(refused.status).toBe(400);
    expect(refused.body.errors.map(({ path }) => path)).toEqual(["groupsEnabled"]);
  });

  test("where there are no groups, nobody is told to enable them", async () => {
    const path = await given({ profile: "gitlab" });
    const { status, body } = await usher.call("PUT", `${path}/groups/g1`, { name: "G" });
    expect([status, body.code]).toEqual([422, "groups-disabled"]);
    expect(body.detail).toContain("takes users alone");
    expect(body.detail).not.toContain("Enable");
  });

  test("a write test names the user that DELETE only deactivates, and makes no group where groups are not made", async () => {
    const { body } = await activate({
      overrides: { delete: "deactivates", groups: "members-only" },
      test: { mode: "write", userEmail: "probe@example.com" },
    });
    expect(body.leftovers).toEqual([expect.stringMatching(/^user probe@example.com \(1\), deactivated$/)]);
    expect(lines().filter((line) => line.startsWith("POST"))).toEqual(["POST /Users"]);
  });
});

describe("overrides", () => {
  test.each<[object, string]>([
    [{ nonsense: true }, "overrides.nonsense"],
    [{ warnings: [] }, "overrides.warnings"],
    [{ maxMembersPerOperation: 0 }, "overrides.maxMembersPerOperation"],
    [{ userAgent: "a\r\nHost: evil" }, "overrides.userAgent"],
    [{ authorizationTemplate: "Bearer fixed" }, "overrides.authorizationTemplate"],
    [{ rateLimit: { perSecond: 0, burst: 1 } }, "overrides.rateLimit.perSecond"],
    [{ rateLimit: { perSecond: 0.001, burst: 1 } }, "overrides.rateLimit.perSecond"],
    [{ paging: { style: "pages", maxCount: 1 } }, "overrides.paging.style"],
    [{ requiredAttributes: ["userName", "foo bar"] }, "overrides.requiredAttributes.1"],
    [{ singleValued: ["title"] }, "overrides.singleValued.0"],
    [{ readsMembers: false, replaceMembers: true }, "overrides.replaceMembers"],
  ])("%j is refused", async (overrides, path) => {
    const { status, body } = await activate({ overrides });
    expect(status).toBe(400);
    expect(body.errors.map((error) => error.path)).toEqual([path]);
    expect(server.requests).toHaveLength(0);
  });

  test("that block every user are refused in a change as well", async () => {
    const path = await given();
    const { status, body } = await usher.call("PATCH", path, { overrides: { requiredAttributes: ["nope"] } });
    expect([status, body.errors.map((error) => error.path)]).toEqual([
      400,
      ["overrides.requiredAttributes.0"],
    ]);
  });

  test("change how the provider is called, are shown, tested and on record, and can be taken back", async () => {
    const path = await given({ overrides: { userAgent: "Acme/1" } });
    await put(path, newId());
    expect(server.requests.at(-1)?.headers["user-agent"]).toBe("Acme/1");

    const overrides = { userAgent: "Acme/2", contentType: "application/json" };
    server.requests.length = 0;
    const changed = await usher.call("PATCH", path, { overrides });
    expect(changed.body).toMatchObject({ overrides, version: 2 });
    expect(server.requests.map(({ headers }) => headers["user-agent"])).toEqual([
      "Acme/2",
      "Acme/2",
      "Acme/2",
    ]);
    await put(path, newId());
    expect(server.requests.at(-1)?.headers).toMatchObject({
      "user-agent": "Acme/2",
      "content-type": "application/json",
    });
    expect(
      (await eventsOf(path)).find((event) => event.event_type === "idm_integration_update"),
    ).toMatchObject({
      success: true,
      changes: [{ field: "overrides", from: { userAgent: "Acme/1" }, to: overrides }],
    });

    expect((await usher.call("PATCH", path, { overrides: {} })).body).not.toHaveProperty("overrides");
    expect(server.requests.at(-1)?.headers["user-agent"]).toMatch(/^Usher/);
  });

  test("that contradict the profile in effect are refused in a change as well", async () => {
    const path = await given({ profile: "aws-identity-center" });
    const { status, body } = await usher.call("PATCH", path, { overrides: { replaceMembers: true } });
    expect([status, body.errors.map((error) => error.path)]).toEqual([400, ["overrides.replaceMembers"]]);
    const both = { overrides: { replaceMembers: true, readsMembers: true } };
    expect((await usher.call("PATCH", path, both)).status).toBe(200);
  });

  test("that the provider does not stand stay out", async () => {
    const path = await given();
    provider.before = ({ headers }) => (headers["user-agent"] === "Evil/1" ? { status: 403 } : undefined);
    const { status, body } = await usher.call("PATCH", path, { overrides: { userAgent: "Evil/1" } });
    expect([status, body.code]).toEqual([422, "update-test-failed"]);
    expect((await usher.call("GET", path)).body).not.toHaveProperty("overrides");
  });

  test("win over what the provider says of itself", async () => {
    provider.before = ({ path }) =>
      path.endsWith("Config") ? { body: { patch: { supported: false } } } : undefined;
    const path = await given({ overrides: { updates: "patch" } });
    const userId = newId();
    await put(path, userId);
    server.requests.length = 0;
    await put(path, userId, { jobTitle: "Countess" });
    expect(lines()).toEqual(["PATCH /Users/1"]);
  });

  test("groups cannot be taken from an integration that uses them", async () => {
    const path = await given();
    const refused = await usher.call("PATCH", path, { overrides: { groups: "none" } });
    expect([refused.status, refused.body.code]).toEqual([422, "groups-disabled"]);
    const both = await usher.call("PATCH", path, { overrides: { groups: "none" }, groupsEnabled: false });
    expect(both.body).toMatchObject({ groupsEnabled: false });
  });
});

describe("users", () => {
  test("aws-identity-center gets one value of each list, and a change of another sends nothing", async () => {
    const path = await given({ profile: "aws-identity-center" });
    const userId = newId();
    expect((await put(path, userId)).body).toMatchObject({ action: "created" });
    expect(provider.users[0]).toMatchObject({ phoneNumbers: [{ type: "home", value: "+1 1" }] });
    server.requests.length = 0;
    const phoneNumbers = [ada.phoneNumbers[0], { type: "work", number: "+1 3" }];
    expect((await put(path, userId, { phoneNumbers })).body).toMatchObject({ action: "unchanged" });
    expect(server.requests).toHaveLength(0);
  });

  test("what the provider requires is named before anything is sent", async () => {
    const path = await given({ overrides: { requiredAttributes: ["userName", "title"] } });
    const { status, body } = await put(path, newId());
    expect([status, body.code]).toEqual([422, "mapping-failed"]);
    expect(body.errors.map((error) => error.path)).toEqual(["title"]);
    expect(server.requests).toHaveLength(0);
  });

  test("gitlab: found by our id, and forgotten once deactivated", async () => {
    const path = await given({ profile: "gitlab" });
    const userId = newId();
    provider.users.push({ id: userId, userName: `${userId}@example.com`, active: true });
    expect((await put(path, userId)).body).toMatchObject({ action: "adopted", remoteId: userId });

    const suspended = await put(path, userId, { suspended: true });
    expect(suspended.body).toMatchObject({ action: "deprovisioned", state: "in_sync" });
    expect(suspended.body).not.toHaveProperty("remoteId");
    const patch = server.requests.findLast(({ method }) => method === "PATCH");
    expect(patchOf(patch)).toEqual([{ op: "replace", path: "active", value: false }]);
    server.requests.length = 0;
    expect((await put(path, userId, { suspended: true })).body).toMatchObject({ action: "skipped" });
    expect(server.requests).toHaveLength(0);

    provider.users.length = 0;
    expect((await put(path, userId)).body).toMatchObject({ action: "created", active: true });
  });
});

describe("a provider that keeps groups to itself", () => {
  const groups = async () => {
    const path = await given({ overrides: { groups: "members-only" } });
    const [userId, groupId] = [newId(), newId()];
    await put(path, userId);
    server.requests.length = 0;
    return { path, userId, at: `${path}/groups/${groupId}`, groupId };
  };

  test("the group that is not there is not made, and the failure says what to do", async () => {
    const { path, userId, at } = await groups();
    const { status, body } = await usher.call("PUT", at, { name: "Ops", members: [userId] });
    expect([status, body.code]).toEqual([502, "provider-rejected"]);
    expect(body.detail).toContain("Make it there");
    expect(lines()).toEqual(["GET /Groups"]);
    expect((await eventsOf(path)).at(-1)).toMatchObject({
      event_type: "group_create_provision",
      success: false,
    });
  });

  test("the one of that name is taken, filled, and never renamed or deleted", async () => {
    const { userId, at } = await groups();
    provider.groups.push({ id: "g1", displayName: "Ops", members: [] });
    const bound = await usher.call("PUT", at, { name: "Ops", members: [userId] });
    expect(bound.body).toMatchObject({ action: "adopted", state: "in_sync", remoteId: "g1" });
    expect(provider.groups[0]?.members).toHaveLength(1);

    server.requests.length = 0;
    const renamed = await usher.call("PUT", at, { name: "Operations" });
    expect(renamed.body).toMatchObject({ action: "unchanged", state: "in_sync" });
    expect(renamed.body.reason).toContain("named Ops at the service provider");
    const deleted = await usher.call("DELETE", `${at}?action=delete`);
    expect([deleted.status, deleted.body.code]).toEqual([422, "groups-disabled"]);
    expect(server.requests).toHaveLength(0);

    const emptied = await usher.call("POST", `${at}/members`, { remove: [userId] });
    expect(emptied.status).toBe(200);
    expect(provider.groups).toMatchObject([{ displayName: "Ops", members: [] }]);
    expect((await usher.call("DELETE", at)).body).toMatchObject({ state: "deprovisioned" });
    expect(lines().some((line) => line.startsWith("DELETE /Groups"))).toBe(false);
  });
});

test("a lookup by cursor where the provider says that it knows nothing else", async () => {
  provider.before = ({ path }) =>
    path.endsWith("Config") ? { body: { pagination: { cursor: true, index: false } } } : undefined;
  const path = await given();
  provider.before = ({ query }) => (query.startIndex === undefined ? undefined : { status: 400 });
  expect((await put(path, newId())).body).toMatchObject({ action: "created" });
});
