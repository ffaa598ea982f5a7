import { expect, test } from "vitest";
import { call, GROUP } from "../../providers/call.ts";
import { quirkyProfiles } from "../../providers/quirky/profiles.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { givenQuirky } from "../../support/quirks.ts";
import {
  detailsOf,
  eventsOf,
  eventTypesOf,
  expectOk,
  requestLines,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

const aws = { profile: "aws-identity-center" };
const nobody = { status: 200, body: JSON.stringify({ totalResults: 0, Resources: [] }) };

/** The first lookup sees nobody: the account is made by somebody else between lookup and creation. */
const unseenAtFirst = (provider: Awaited<ReturnType<typeof givenQuirky>>["provider"]) => {
  let lookups = 0;
  provider.intercept = ({ method, path }) =>
    method === "GET" && path === "/Users" && ++lookups === 1 ? nobody : undefined;
};

test.each<[string, Switches, object]>([
  ["409 without a scimType", quirkyProfiles["aws-idc"], aws],
  ["400", quirkyProfiles["wso2-dup400"], {}],
  ["500", quirkyProfiles["wso2-dup500"], {}],
])(
  "an account that came in between is taken, not doubled, where a duplicate is %s",
  async (_, switches, fields) => {
    const { provider, user, path } = await givenQuirky(usher, switches, fields);
    const existing = provider.addUser({ userName: user.email, title: "Theirs" });
    unseenAtFirst(provider);
    expect((await usher.call("PUT", path, { ...user, jobTitle: "Ours" })).body).toMatchObject({
      action: "adopted",
      state: "in_sync",
      remoteId: existing,
    });
    expect(await provider.users()).toMatchObject([{ id: existing, resource: { title: "Ours" } }]);
  },
);

const capitals: Switches = { storesCapitals: true, filterMindsCase: true, allowsDuplicates: true };

/** The person of the given state has an account. */
const givenOpen = async ({
  userId,
  user,
  path,
}: Awaited<ReturnType<typeof givenQuirky>>): Promise<string> => {
  expectOk(await usher.call("PUT", path, user));
  return userId;
};

/** The first creations are carried out, and their answers are lost; look-ups of this call and later ones find nothing. */
const losesCreations = (
  { provider }: Pick<Awaited<ReturnType<typeof givenQuirky>>, "provider">,
  collection: string,
  lists: "answer" | "fail",
) => {
  let posts = 0;
  provider.intercept = ({ method, path, query }) => {
    if (method === "POST" && path === collection && ++posts === 1) return "drop-after";
    const isList = method === "GET" && path === collection && !query.includes("filter");
    // Nothing is sent again by this call.
    if (method === "POST" && path === collection && lists === "fail")
      return scimError(503, "Busy.", { "retry-after": "60" });
    return isList && lists === "fail" ? scimError(400, "No lists today.") : undefined;
  };
};

test.each(["in the same call", "by the next call"])(
  "an account that a lost creation has made, and that no filter finds, is found in the list %s",
  async (when) => {
    const given = await givenQuirky(usher, capitals);
    const { provider, user, path } = given;
    const isLater = when === "by the next call";
    losesCreations(given, "/Users", isLater ? "fail" : "answer");
    expect((await usher.call("PUT", path, user)).status).toBe(isLater ? 202 : 200);
    provider.intercept = undefined;
    expectOk(await usher.call("PUT", path, user));
    expect(await provider.users()).toHaveLength(1);
  },
);

test("an account that a lost creation has made, and that no filter finds, goes with who leaves", async () => {
  const given = await givenQuirky(usher, capitals);
  losesCreations(given, "/Users", "fail");
  expect((await usher.call("PUT", given.path, given.user)).status).toBe(202);
  given.provider.intercept = undefined;
  expect((await usher.call("DELETE", given.path)).body).toMatchObject({
    state: "deprovisioned",
    active: false,
  });
  expect(await given.provider.users()).toMatchObject([{ active: false }]);
});

test.each(["in the same call", "by the next call"])(
  "a group that a lost creation has made, and that no filter finds, is found in the list %s",
  async (when) => {
    const given = await givenQuirky(usher, capitals);
    const { provider, integration } = given;
    const userId = await givenOpen(given);
    const path = `${integration.path}/groups/platform`;
    const body = { name: "Platform", members: [userId] };
    const isLater = when === "by the next call";
    losesCreations(given, "/Groups", isLater ? "fail" : "answer");
    expect((await usher.call("PUT", path, body)).status).toBe(isLater ? 202 : 200);
    provider.intercept = undefined;
    expect(expectOk(await usher.call("PUT", path, body)).body).toMatchObject({ state: "in_sync" });
    expect(await provider.groups()).toMatchObject([{ members: [expect.any(String)] }]);
  },
);

test("a group in the list that shows somebody else's externalId is none that a lost creation has made", async () => {
  const given = await givenQuirky(usher, capitals);
  const { provider, integration } = given;
  const userId = await givenOpen(given);
  await call(provider, "POST", "/Groups", { schemas: [GROUP], displayName: "SALES", externalId: "theirs" });
  let posts = 0;
  provider.intercept = ({ method, path }) =>
    method === "POST" && path === "/Groups" && ++posts === 1 ? scimError(500, "Out of order.") : undefined;
  const path = `${integration.path}/groups/sales`;
  expect(expectOk(await usher.call("PUT", path, { name: "Sales", members: [userId] })).body).toMatchObject({
    action: "created",
  });
  expect((await provider.groups()).map(({ members }) => members.length)).toEqual([0, 1]);
});

test("the provider's request id is told with its refusal", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, quirkyProfiles["aws-idc"], aws);
  provider.addUser({ userName: "somebody@example.com", externalId: userId });
  // The lookup by externalId and the list fail, too, so that nobody is found.
  provider.intercept = ({ method, query }) =>
    method !== "GET" || query.includes("userName") ? undefined : { status: 400 };
  const { status, body } = await usher.call("PUT", path, user);
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(body.detail).toContain("Request id 81abca44-4ee3-47fa-b4d9-729908ef1dd9.");
  expect(detailsOf((await eventsOf(usher, `userId=${userId}`))[0])).toContain("81abca44");
});

test("a 409 for our externalId under another name: that account is taken, and renamed", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, quirkyProfiles["aws-idc"], aws);
  const existing = provider.addUser({ userName: "former@example.com", externalId: userId });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({
    action: "adopted",
    state: "in_sync",
    remoteId: existing,
  });
  expect(await provider.users()).toMatchObject([{ id: existing, userName: user.email }]);
});

test("a 409 for our externalId where it cannot be asked for is a refusal in the provider's words, after one creation", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, { uniqueExternalId: true });
  provider.addUser({ userName: "former@example.com", externalId: userId });
  provider.intercept = ({ method, query }) =>
    method !== "GET" || query.includes("userName") ? undefined : { status: 400 };
  const { status, body } = await usher.call("PUT", path, user);
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(body.detail).toContain("Refused to create a new, duplicate resource.");
  expect(writes(provider)).toHaveLength(1);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["!user_create_provision"]);
});

test("a 409 for an attribute that is missing is told in the provider's words, and the creation is not repeated", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, quirkyProfiles.salesforce);
  const { status, body } = await usher.call("PUT", path, user);
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(body.detail).toContain("REQUIRED_FIELD_MISSING: Required fields are missing: [entitlements]");
  expect(writes(provider)).toHaveLength(1);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["!user_create_provision"]);
});

test("an account that only a creation shows is bound by it: a 200, on record as perhaps there before", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, quirkyProfiles.atlassian);
  const existing = provider.addUser({ userName: user.email, title: "Theirs" });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ state: "in_sync", remoteId: existing });
  const [event] = await eventsOf(usher, `userId=${userId}`);
  expect(event).toMatchObject({ event_type: "user_create_provision", success: true });
  expect(detailsOf(event)).toContain("answered 200 and not 201");
});

test("an account that a 200 shows as it was is put right by one update, and then left alone", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, {});
  const existing = provider.addUser({ userName: user.email, title: "Theirs", active: false });
  const [shown] = await provider.users();
  unseenAtFirst(provider);
  const hidden = provider.intercept;
  provider.intercept = (request) =>
    request.method === "POST" ? { status: 200, body: JSON.stringify(shown?.resource) } : hidden?.(request);
  expect((await usher.call("PUT", path, { ...user, jobTitle: "Ours" })).body).toMatchObject({
    state: "in_sync",
    remoteId: existing,
    active: true,
  });
  expect(await provider.users()).toMatchObject([{ active: true, resource: { title: "Ours" } }]);
  expect(writes(provider).map(({ method }) => method)).toEqual(["POST", "PATCH"]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "user_update_provision",
  ]);
});

test("a creation whose answer has no id is completed by a lookup, of users and of groups", async () => {
  const { provider, integration, userId, user, path } = await givenQuirky(
    usher,
    quirkyProfiles["missing-id"],
  );
  const { body } = await usher.call("PUT", path, user);
  expect(body).toMatchObject({ action: "created", state: "in_sync" });
  expect(await provider.users()).toMatchObject([{ id: body.remoteId }]);
  expect(requestLines(provider)).toEqual(["GET /Users", "POST /Users", "GET /Users"]);

  const group = `${integration.path}/groups/group-of-${userId}`;
  expect((await usher.call("PUT", group, { name: "Ops", members: [userId] })).body).toMatchObject({
    action: "created",
    state: "in_sync",
  });
  expect(await provider.groups()).toMatchObject([{ displayName: "Ops", members: [body.remoteId] }]);
});

test("a creation without an id that no lookup finds is a failure, and makes no link", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, quirkyProfiles["missing-id"]);
  provider.intercept = ({ method }) => (method === "GET" ? nobody : undefined);
  const { status, body } = await usher.call("PUT", path, user);
  expect([status, body.code]).toEqual([502, "provider-malformed"]);
  expect(body.detail).toContain("no usable id");
  expect((await usher.call("GET", path)).body).not.toHaveProperty("remoteId");
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["!user_create_provision"]);
});

test("200 for a creation and 204 for a PUT are successes like any other", async () => {
  const { provider, integration, userId, user, path } = await givenQuirky(usher, {
    oddSuccesses: true,
    noPatch: 501,
  });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "created", state: "in_sync" });
  const group = `${integration.path}/groups/group-of-${userId}`;
  expectOk(await usher.call("PUT", group, { name: "Ops", members: [userId] }));
  expect((await usher.call("PUT", group, { name: "Dev" })).body).toMatchObject({ state: "in_sync" });
  expect((await usher.call("PUT", path, { ...user, jobTitle: "Engineer" })).body).toMatchObject({
    action: "updated",
    state: "in_sync",
  });
  expect(await provider.users()).toMatchObject([{ resource: { title: "Engineer" } }]);
  expect(await provider.groups()).toMatchObject([{ displayName: "Dev", members: [expect.any(String)] }]);
});
