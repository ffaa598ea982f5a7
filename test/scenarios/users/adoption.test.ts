import { describe, expect, onTestFinished, test } from "vitest";
import { call, person } from "../../providers/call.ts";
import type { TestProvider } from "../../providers/provider.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { startFaultyWay } from "../../providers/quirky/way.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  eventsOf,
  eventTypesOf,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  requestLines,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** A provider that holds an account of this person already. */
const given = async (account: object = {}, start: () => Promise<TestProvider> = startStrongDm) => {
  const provider = await givenProvider(start);
  const integration = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  const made = await call(provider, "POST", "/Users", {
    ...person(user.firstname, user.lastname),
    userName: user.email,
    emails: [{ value: user.email, type: "work", primary: true }],
    displayName: `${user.firstname} ${user.lastname}`,
    externalId: userId,
    ...account,
  });
  forget(provider);
  return {
    provider,
    integration,
    userId,
    user,
    path: `${integration.path}/users/${userId}`,
    existing: String(made.json.id),
  };
};

test.each([
  ["a text", { title: "a".repeat(450_000) }],
  ["a text of three bytes a character", { title: "名".repeat(200_000) }],
  [
    "a list",
    { phoneNumbers: Array.from({ length: 20_000 }, (_, at) => ({ type: "work", value: `+${at}` })) },
  ],
])("an account with more in an attribute than an item holds is adopted: %s", async (_, account) => {
  const { provider, user, userId, path, existing } = await given(account, startQuirky);
  const wanted = { ...user, jobTitle: "New title", phoneNumbers: [{ type: "work", number: "+1 2" }] };
  provider.intercept = ({ method }) => (method === "PATCH" ? scimError(400, "not yet") : undefined);
  const refused = await usher.call("PUT", path, wanted);
  expect(refused.body).toMatchObject({ code: "provider-rejected" });
  provider.intercept = undefined;
  const answer = await usher.call("PUT", path, wanted);
  expect(answer.body).toMatchObject({ state: "in_sync", remoteId: existing });
  expect(await provider.users()).toMatchObject([
    { resource: { title: "New title", phoneNumbers: [{ type: "work", value: "+1 2" }] } },
  ]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "!user_update_provision",
    "user_update_provision",
  ]);
});

test("one account of the same name is adopted, and only what differs is sent", async () => {
  const { provider, user, userId, path, existing } = await given({ title: "Old title", active: false });
  const answer = await usher.call("PUT", path, { ...user, jobTitle: "New title" });
  expect(answer.body).toMatchObject({
    action: "adopted",
    state: "in_sync",
    remoteId: existing,
    active: true,
  });
  expect(requestLines(provider)).toEqual(["GET /Users", `PATCH /Users/${existing}`]);
  expect(JSON.stringify(writes(provider)[0]?.body)).not.toMatch(/userName|givenName/);
  expect(await provider.users()).toMatchObject([
    { id: existing, active: true, resource: { title: "New title" } },
  ]);
  const [event, ...others] = await eventsOf(usher, `userId=${userId}`);
  expect(others).toEqual([]);
  expect(event).toMatchObject({ event_type: "user_update_provision", success: true });
  expect(event?.changes).toContainEqual({ field: "title", from: "Old title", to: "New title" });
});

test("an account that is right already is adopted without a PATCH, and that is on record", async () => {
  const { provider, user, userId, path, existing } = await given({}, startScimmy);
  const answer = await usher.call("PUT", path, user);
  expect(answer.body).toMatchObject({ action: "adopted", state: "in_sync", remoteId: existing });
  expect(requestLines(provider)).toEqual(["GET /Users"]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["user_update_provision"]);
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "unchanged" });
});

test("an account is found whatever the case of its name", async () => {
  const { user, path, existing } = await given();
  const answer = await usher.call("PUT", path, { ...user, email: user.email.toUpperCase() });
  expect(answer.body).toMatchObject({ action: "adopted", remoteId: existing });
});

test("of two matches none is taken: a failed lookup", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  const match = (id: string) => ({ ...person(user.firstname, user.lastname), id, userName: user.email });
  provider.intercept = ({ method, path }) =>
    method === "GET" && path === "/Users"
      ? {
          status: 200,
          headers: { "content-type": "application/scim+json" },
          body: JSON.stringify({
            schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            totalResults: 2,
            itemsPerPage: 2,
            startIndex: 1,
            Resources: [match("1"), match("2")],
          }),
        }
      : undefined;
  const answer = await usher.call("PUT", `${integration.path}/users/${userId}`, user);
  expect(answer.status).toBe(502);
  expect(answer.body).toMatchObject({ code: "provider-rejected", eventId: expect.any(String) });
  expect(writes(provider)).toEqual([]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["!user_lookup_provision"]);
});

test("an answer that ignores the filter is not believed: nobody else's account is adopted", async () => {
  const { provider, integration, existing } = await given();
  const { userId, user } = aPerson();
  provider.intercept = ({ method, path, query }) =>
    method === "GET" && path === "/Users" && query.includes("filter")
      ? {
          status: 200,
          headers: { "content-type": "application/scim+json" },
          body: JSON.stringify({
            schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            totalResults: 1,
            Resources: [{ ...person("Somebody", "Else"), id: existing }],
          }),
        }
      : undefined;
  const answer = await usher.call("PUT", `${integration.path}/users/${userId}`, user);
  expect(answer.body).toMatchObject({ action: "created" });
  expect(answer.body.remoteId).not.toBe(existing);
});

describe("with a provider that ignores filters", () => {
  const givenMany = async () => {
    const provider = await givenProvider(() =>
      startQuirky({ switches: { filterIgnored: "everything", allowsDuplicates: true } }),
    );
    for (let at = 0; at < 120; at += 1) provider.addUser({ userName: `other-${at}@example.com` });
    const integration = await givenIntegration(usher, provider);
    const { userId, user } = aPerson();
    return { provider, user, path: `${integration.path}/users/${userId}` };
  };

  test("the account at the end of the list is adopted, and none is made beside it", async () => {
    const { provider, user, path } = await givenMany();
    const existing = provider.addUser({ userName: user.email });
    const answer = await usher.call("PUT", path, user);
    expect(answer.body).toMatchObject({ action: "adopted", state: "in_sync", remoteId: existing });
    expect(await provider.users()).toHaveLength(121);
  });

  test("a user who is nowhere in the list is created", async () => {
    const { provider, user, path } = await givenMany();
    expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "created" });
    expect(await provider.users()).toHaveLength(121);
  });

  test("of two accounts on different pages none is taken", async () => {
    const { provider, user, path } = await givenMany();
    provider.addUser({ userName: user.email });
    for (let at = 120; at < 240; at += 1) provider.addUser({ userName: `other-${at}@example.com` });
    provider.addUser({ userName: user.email });
    const answer = await usher.call("PUT", path, user);
    expect([answer.status, answer.body.code]).toEqual([502, "provider-rejected"]);
    expect(writes(provider)).toEqual([]);
  });
});

test("a second user who matches a claimed account is refused, and the first one keeps it", async () => {
  const { provider, integration, user, path, existing } = await given();
  await usher.call("PUT", path, user);
  forget(provider);
  const second = aPerson({ email: user.email });
  const at = `${integration.path}/users/${second.userId}`;
  const answer = await usher.call("PUT", at, second.user);
  expect(answer.status).toBe(409);
  expect(answer.body.code).toBe("account-claimed");
  expect(writes(provider)).toEqual([]);
  expect((await usher.call("GET", at)).body).toMatchObject({
    state: "failed",
    lastError: { code: "account-claimed" },
  });
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "in_sync", remoteId: existing });
});

test("once its owner is deleted there, an account's name is free for another user", async () => {
  const { user, path, integration } = await given();
  await usher.call("PUT", path, user);
  const second = aPerson({ email: user.email });
  const at = `${integration.path}/users/${second.userId}`;
  expect((await usher.call("PUT", at, second.user)).status).toBe(409);
  expect((await usher.call("DELETE", `${path}?action=delete`)).body.action).toBe("deleted");
  expect((await usher.call("PUT", at)).body).toMatchObject({ action: "created", state: "in_sync" });
});

test("a 409 on create is resolved by a lookup: the account that was in the way is adopted", async () => {
  const { provider, user, userId, path, existing } = await given({ title: "Theirs" });
  let lookups = 0;
  provider.intercept = ({ method, path: at }) => {
    const isFirst = method === "GET" && at === "/Users" && ++lookups === 1;
    const nobody = {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: 0,
      Resources: [],
    };
    return isFirst ? { status: 200, body: JSON.stringify(nobody) } : undefined;
  };
  const answer = await usher.call("PUT", path, { ...user, jobTitle: "Ours" });
  expect(answer.body).toMatchObject({ action: "adopted", state: "in_sync", remoteId: existing });
  expect(requestLines(provider)).toEqual([
    "GET /Users",
    "POST /Users",
    "GET /Users",
    `PATCH /Users/${existing}`,
  ]);
  expect(await provider.users()).toHaveLength(1);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["user_update_provision"]);
});

test("a 409 on create without anybody in the way is a failed create with the provider's words", async () => {
  const { provider, integration } = await given();
  const { userId, user } = aPerson();
  provider.intercept = ({ method }) =>
    method === "POST"
      ? { status: 409, body: JSON.stringify({ detail: "Reserved by the vendor.", status: "409" }) }
      : undefined;
  const answer = await usher.call("PUT", `${integration.path}/users/${userId}`, user);
  expect(answer.status).toBe(502);
  expect(answer.body).toMatchObject({
    code: "provider-rejected",
    detail: expect.stringContaining("Reserved by the vendor."),
  });
  const [event] = await eventsOf(usher, `userId=${userId}`);
  expect(event).toMatchObject({ event_type: "user_create_provision", success: false });
});

test("an e-mail that another account has cannot be taken: a failed update, and both accounts stay as they were", async () => {
  const { provider, integration, user } = await given();
  const known = await givenProvisioned(usher, provider, integration);
  const before = await provider.users();
  const answer = await usher.call("PUT", known.path, { ...known.user, email: user.email });
  expect(answer.status).toBe(502);
  expect(answer.body).toMatchObject({ code: "provider-rejected", detail: expect.stringContaining("409") });
  expect(await provider.users()).toEqual(before);
  expect(await eventTypesOf(usher, `userId=${known.userId}`)).toEqual([
    "user_create_provision",
    "!user_update_provision",
  ]);
  // Once the directory says something else, the user is repaired without a trace of the failed value.
  expect((await usher.call("PUT", known.path, known.user)).body).toMatchObject({ state: "in_sync" });
  expect(await provider.users()).toEqual(before);
});

test("an account found under a new base URL loses what it was given under the old one and is no longer wanted", async () => {
  const provider = await givenProvider(startQuirky);
  const integration = await givenIntegration(usher, provider);
  const { path, user, userId, remoteId } = await givenProvisioned(usher, provider, integration, {
    jobTitle: "Analyst",
  });
  const way = await startFaultyWay(provider, Date.now);
  onTestFinished(() => way.close());
  const credentials = { type: "bearer", clientSecret: provider.token };
  expect((await usher.call("PATCH", integration.path, { baseUrl: way.baseUrl, credentials })).status).toBe(
    200,
  );
  await usher.call("PUT", `/users/${userId}`, { ...user, jobTitle: undefined });

  await until(async () => (await usher.call("GET", path)).body.state === "in_sync");
  expect((await usher.call("GET", path)).body).toMatchObject({ remoteId });
  const [account] = await provider.users();
  expect(account?.resource).toMatchObject({ userName: user.email });
  expect(account?.resource).not.toHaveProperty("title");
});

test("an account that an old copy shows as open is opened, where the answer to our change shows it closed", async () => {
  const { provider, path, user, existing } = await given({ active: false, displayName: "Old" }, () =>
    startQuirky(),
  );
  const account = (await call(provider, "GET", `/Users/${existing}`)).json;
  const stale = { totalResults: 1, Resources: [{ ...account, active: true }] };
  provider.intercept = ({ method, path: to }) =>
    method === "GET" && !to.startsWith(`/Users/${existing}`)
      ? {
          status: 200,
          headers: { "content-type": "application/scim+json" },
          body: JSON.stringify(stale),
        }
      : undefined;
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ state: "in_sync", active: true });
  expect(await provider.users()).toMatchObject([{ id: existing, active: true }]);
});
