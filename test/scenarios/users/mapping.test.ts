import { describe, expect, test } from "vitest";
import { ENTERPRISE } from "../../providers/call.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  activation,
  aPerson,
  eventsOf,
  expectOk,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  newId,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();
const custom = "urn:example:scim:Badge";

/** What the provider is sent for a new user under these rows. */
const sentFor = async (attributeMappings: object[], fields: object) => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider, { attributeMappings });
  const person = await givenProvisionedBody(integration.path, fields);
  return { ...person, sent: writes(provider)[0]?.body as Record<string, unknown> };
};
const givenProvisionedBody = async (path: string, fields: object) => {
  const { userId, user } = aPerson(fields);
  await usher.call("PUT", `${path}/users/${userId}`, user);
  return { userId, user };
};

test("rows send constants, templates, other properties and custom attributes, and leave excluded ones out", async () => {
  const { sent, user } = await sentFor(
    [
      { target: "userType", constant: "Contractor" },
      { target: "displayName", template: "{lastname}, {firstname}" },
      { target: "title", source: "attributes.position" },
      { target: `${ENTERPRISE}:division`, source: "location" },
      { target: "externalId", exclude: true },
    ],
    { jobTitle: "ignored", location: "Zürich", attributes: [{ name: "position", value: "Head of Ops" }] },
  );
  expect(sent).toMatchObject({
    userType: "Contractor",
    displayName: `${user.lastname}, ${user.firstname}`,
    title: "Head of Ops",
    [ENTERPRISE]: { division: "Zürich" },
  });
  expect(sent).not.toHaveProperty("externalId");
});

test("an extension that the provider may not know is sent under its URN and named in schemas", async () => {
  const { sent } = await sentFor([{ target: `${custom}:color`, constant: "blue" }], {});
  expect(sent).toMatchObject({ [custom]: { color: "blue" } });
  expect(sent.schemas).toContain(custom);
});

test.each([
  ["a required row excluded", { target: "userName", exclude: true }],
  ["a required row excluded", { target: "active", exclude: true }],
  ["an invalid path", { target: "name..givenName", source: "firstname" }],
  ["an invalid path", { target: "emails[type eq", source: "email" }],
  ["a read-only target", { target: "id", constant: "x" }],
  ["a read-only target", { target: "groups", constant: "x" }],
  ["a read-only target", { target: "meta.created", constant: "x" }],
  ["the password", { target: "password", constant: "x" }],
  ["the password", { target: "urn:ietf:params:scim:schemas:core:2.0:User:password", source: "lastname" }],
  ["an unknown property", { target: "title", source: "nothing" }],
  ["a broken template", { target: "title", template: "{jobTitle" }],
  ["two sources in one row", { target: "title", source: "jobTitle", constant: "x" }],
])("%s is 400 at activation and at update, with its path, and saves nothing", async (_, row) => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  const before = (await usher.call("GET", path)).body;
  const attributeMappings = [{ target: "title", source: "jobTitle" }, row];
  const answers = [
    await usher.call("POST", "/integrations", activation(provider, { attributeMappings })),
    await usher.call("PATCH", path, { attributeMappings: [row] }),
  ];
  for (const { status, body } of answers) {
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "invalid-input", errors: expect.any(Array) });
    expect(body).not.toHaveProperty("eventId");
  }
  expect(JSON.stringify(answers[0]?.body.errors)).toContain("attributeMappings.");
  expect((await usher.call("GET", path)).body).toEqual(before);
  expect(provider.requests).toEqual([]);
});

test("a user without what a required row needs is refused before anything is sent", async () => {
  const provider = await givenProvider(startStrongDm);
  const attributeMappings = [{ target: "userName", source: "attributes.login" }];
  const integration = await givenIntegration(usher, provider, { attributeMappings });
  const { userId, user } = aPerson();
  const path = `${integration.path}/users/${userId}`;
  const answer = await usher.call("PUT", path, user);
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({
    code: "mapping-failed",
    errors: [{ path: expect.stringContaining("userName") }],
  });
  expect(provider.requests).toEqual([]);

  const login = { attributes: [{ name: "login", value: "Ada.L" }] };
  expect((await usher.call("PUT", path, { ...user, ...login })).body).toMatchObject({ action: "created" });
  expect(await provider.users()).toMatchObject([{ userName: "Ada.L" }]);
});

describe("a user who cannot be mapped", () => {
  const required = { overrides: { requiredAttributes: ["userName", "title"] } };
  const givenUnmapped = async () => {
    const provider = await givenProvider(startStrongDm);
    const integration = await givenIntegration(usher, provider, required);
    const { userId, user } = aPerson();
    const path = `${integration.path}/users/${userId}`;
    expect((await usher.call("PUT", path, user)).status).toBe(422);
    return { provider, integration, userId, user, path };
  };
  const failed = {
    state: "failed",
    desired: "active",
    attempts: 0,
    lastError: { code: "mapping-failed", detail: expect.stringMatching(/title.+attributeMappings/) },
  };

  test("is failed with the attribute and what to do, by status and list, without an event", async () => {
    const { provider, integration, userId, path } = await givenUnmapped();
    const first = (await usher.call("GET", path)).body;
    expect(first).toMatchObject({ userId, ...failed, since: expect.any(String) });
    const { items } = (await usher.call("GET", `${integration.path}/users?state=failed`)).body;
    expect(items).toEqual([first]);
    expect((await usher.call("PUT", path)).status).toBe(422);
    const nextAttemptAt = expect.any(String);
    expect((await usher.call("GET", path)).body).toEqual({ ...first, nextAttemptAt });
    expect(await eventsOf(usher, `userId=${userId}`)).toEqual([]);
    expect(provider.requests).toEqual([]);
  });

  test("heals once the user has what was missing", async () => {
    const { user, path } = await givenUnmapped();
    const answer = await usher.call("PUT", path, { ...user, jobTitle: "Chief" });
    expect(answer.body).toMatchObject({ action: "created", state: "in_sync" });
    expect((await usher.call("GET", path)).body).not.toHaveProperty("lastError");
  });

  test("heals once the mapping gives what was missing", async () => {
    const { integration, path } = await givenUnmapped();
    const attributeMappings = [{ target: "title", constant: "Member" }];
    expectOk(await usher.call("PATCH", integration.path, { attributeMappings }));
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "created", state: "in_sync" });
  });

  test("heals once the provider is said to require less", async () => {
    const { integration, path } = await givenUnmapped();
    expectOk(await usher.call("PATCH", integration.path, { overrides: {} }));
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "created", state: "in_sync" });
  });

  test("is failed through a group too, which names who and why and takes in the others", async () => {
    const provider = await givenProvider(startStrongDm);
    const { path } = await givenIntegration(usher, provider, required);
    const [lacking = ""] = await givenSaved(usher, 1);
    const [fine = ""] = await givenSaved(usher, 1, { jobTitle: "Chief" });
    const groupId = newId("group");
    const body = { name: `Group ${groupId}`, members: [lacking, fine] };
    const answer = await usher.call("PUT", `${path}/groups/${groupId}`, body);
    const why = { userId: lacking, code: "mapping-failed", detail: expect.stringContaining("title") };
    expect(answer.body).toMatchObject({
      state: "pending",
      reason: expect.stringContaining(lacking),
      members: { added: 1, pending: [lacking], failed: [why] },
    });
    expect((await usher.call("GET", `${path}/users/${lacking}`)).body).toMatchObject(failed);
    expectOk(await usher.call("PUT", `/users/${lacking}`, aPerson({ jobTitle: "Chief" }).user));
    // By itself or by this call, whichever comes first.
    let retried = answer;
    await until(async () => {
      retried = await usher.call("PUT", `${path}/groups/${groupId}`, { name: body.name });
      return retried.body.state === "in_sync";
    });
    expect(retried.body).toMatchObject({ members: { pending: [] } });
    expect((await provider.groups())[0]?.members).toHaveLength(2);
  });

  test("keeps the account that is there, and its removal goes on", async () => {
    const { integration, userId, user, path } = await givenUnmapped();
    expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Chief" }));
    expect((await usher.call("PUT", path, user)).status).toBe(422);
    expect((await usher.call("GET", path)).body).toMatchObject({ state: "failed", active: true });
    expect((await usher.call("DELETE", path)).body).toMatchObject({ action: "deprovisioned" });
    const status = (await usher.call("GET", `${integration.path}/users/${userId}`)).body;
    expect(status).toMatchObject({ state: "deprovisioned", active: false });
    expect(status).not.toHaveProperty("lastError");
  });
});

test("a displayname of the directory wins over the computed one", async () => {
  const { sent } = await sentFor([], { displayname: "Countess of Lovelace" });
  expect(sent.displayName).toBe("Countess of Lovelace");
});

test("the manager is sent by id once there, and not before", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const boss = aPerson();
  const { path } = await givenProvisioned(usher, provider, integration, { manager: boss.userId });
  expect(JSON.stringify((await provider.users())[0]?.resource)).not.toContain("manager");

  const there = await usher.call("PUT", `${integration.path}/users/${boss.userId}`, boss.user);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "updated", state: "in_sync" });
  const report = (await provider.users()).find(({ userName }) => userName !== boss.user.email);
  expect(report?.resource).toMatchObject({ [ENTERPRISE]: { manager: { value: there.body.remoteId } } });
});

test("names beyond ASCII, quotation marks and backslashes arrive as they are", async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const names = { firstname: 'Zoë "Z"', lastname: "O’Brien \\ 李小龍 🙂" };
  const { user, userId } = await givenProvisioned(usher, provider, integration, names);
  expect(await provider.users()).toMatchObject([
    { resource: { name: { givenName: user.firstname, familyName: user.lastname } } },
  ]);
  const [event] = await eventsOf(usher, `userId=${userId}`);
  expect(event?.changes).toContainEqual({ field: "name.familyName", to: user.lastname });
});

test("an e-mail with a quotation mark cannot break out of the lookup's filter", async () => {
  const provider = await givenProvider(startStrongDm);
  const attributeMappings = [{ target: "userName", source: "attributes.login" }];
  const integration = await givenIntegration(usher, provider, { attributeMappings });
  const login = 'x" or userName sw "';
  const { userId, user } = aPerson({ attributes: [{ name: "login", value: login }] });
  const answer = await usher.call("PUT", `${integration.path}/users/${userId}`, user);
  expect(requestLines(provider)[0]).toBe("GET /Users");
  const filter = new URLSearchParams(provider.requests[0]?.query).get("filter");
  expect(filter).toBe(`userName eq ${JSON.stringify(login)}`);
  expect(answer.body).toMatchObject({ action: "created" });
});

test("a value of 10 KB reaches the provider whole; its event holds no more than the beginning", async () => {
  const value = '"ü名\\x'.repeat(2048);
  const { sent, userId } = await sentFor([{ target: "title", source: "attributes.motto" }], {
    attributes: [{ name: "motto", value }],
  });
  expect(value).toHaveLength(10_240);
  expect(sent.title).toBe(value);
  const [event] = await eventsOf(usher, `userId=${userId}`);
  expect(event).toMatchObject({ event_type: "user_create_provision", success: true });
  expect(JSON.stringify(event).length).toBeLessThan(10_000);
});

test("a user who is mapped to more than an item holds is told so, and nothing is sent", async () => {
  const provider = await givenProvider(startScimmy);
  const attributeMappings = Array.from({ length: 45 }, (_, at) => ({
    target: `${custom}:copy${at}`,
    source: "attributes.long",
  }));
  const { path } = await givenIntegration(usher, provider, { attributeMappings });
  const { userId, user } = aPerson({ attributes: [{ name: "long", value: "x".repeat(10_240) }] });
  const answer = await usher.call("PUT", `${path}/users/${userId}`, user);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({
    code: "invalid-input",
    detail: "This is more than can be kept in one item (400 KB).",
  });
  expect(writes(provider)).toEqual([]);
});
