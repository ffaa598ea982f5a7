import { afterEach, beforeAll, expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { refusing } from "../../support/refusals.ts";
import { aPerson, type GivenIntegration, givenIntegration, useUsher } from "../../support/steps.ts";

const usher = useUsher();
let integration: GivenIntegration;
let requests: unknown[];

beforeAll(async () => {
  const provider = await startStrongDm();
  integration = await givenIntegration(usher, provider);
  requests = provider.requests;
  return () => provider.close();
});
afterEach(() => expect(requests).toEqual([]));

const refuses = refusing(usher);

const unknownIntegration = "018f0000-0000-7000-8000-000000000000";

test.each(["{", '{"a":', "", "undefined", "\u0000", "[1,]", '{"email":"\ud800"', "<user/>"])(
  "a body that is not JSON: %j",
  async (text) => {
    // An empty body is none: the user that is saved would be used, and there is none.
    const wanted = text === "" ? { status: 404, code: "not-found" } : { status: 400, code: "malformed-json" };
    await refuses("PUT", `${integration.path}/users/someone`, text, wanted);
  },
);

test("a body as deep as a well", async () => {
  const text = "[".repeat(100_000) + "]".repeat(100_000);
  await refuses("PUT", "/users/someone", text, { status: 400, code: "malformed-json" });
});

test("a body of 5 MB, and one just over the limit", async () => {
  const tooLarge = { status: 413, code: "body-too-large" };
  for (const size of [5 * 1024 * 1024, 1024 * 1024 + 1]) {
    await refuses("PUT", "/users/someone", JSON.stringify({ email: "x".repeat(size) }), tooLarge);
    await refuses("POST", "/integrations", JSON.stringify({ application: "x".repeat(size) }), tooLarge);
  }
});

test.each([
  "text/plain",
  "application/xml",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "json",
])("a body declared as %s", async (type) => {
  await refuses(
    "PUT",
    "/users/someone",
    JSON.stringify(aPerson().user),
    { status: 415, code: "not-json" },
    { "content-type": type },
  );
});

test.each(["a b", "a/b", "x".repeat(129), "ä", "a\u0000", "a%"])("the id %j", async (id) => {
  const encoded = encodeURIComponent(id);
  const { user } = aPerson();
  await refuses("PUT", `/users/${encoded}`, user, { status: 400, code: "invalid-input" });
  await refuses("PUT", `${integration.path}/users/${encoded}`, user, {
    status: 400,
    code: "invalid-input",
  });
  await refuses(
    "PUT",
    `${integration.path}/groups/${encoded}`,
    { name: "G" },
    { status: 400, code: "invalid-input" },
  );
});

test("ids that nothing has", async () => {
  const notFound = { status: 404, code: "not-found" };
  for (const id of [unknownIntegration, "nothing", "x".repeat(300), "%00"]) {
    const path = `/integrations/${id}`;
    await refuses("GET", path, undefined, notFound);
    await refuses("DELETE", path, undefined, notFound);
    await refuses("GET", `${path}/users`, undefined, notFound);
    await refuses("GET", `${path}/users/ada`, undefined, notFound);
    await refuses("PUT", `${path}/users/ada`, aPerson().user, notFound);
    await refuses("PUT", `${path}/groups/team`, { name: "G" }, notFound);
    await refuses("GET", `${path}/groups/team/members`, undefined, notFound);
  }
});

test("paths and methods that are not there", async () => {
  await refuses("GET", "/nothing", undefined, { status: 404, code: "not-found" });
  await refuses("GET", "/integrations/", undefined, { status: 404, code: "not-found" });
  await refuses("POST", "/users/ada", {}, { status: 405, code: "method-not-allowed" });
  await refuses("DELETE", "/events/1", undefined, { status: 405, code: "method-not-allowed" });
  await refuses("PUT", "/integrations", {}, { status: 405, code: "method-not-allowed" });
});

test.each([undefined, "Bearer wrong", "Basic YTpi", "Bearer "])(
  "a caller who shows %j",
  async (authorization) => {
    const headers = { authorization: authorization ?? "" };
    await refuses("GET", "/integrations", undefined, { status: 401, code: "unauthenticated" }, headers);
    await refuses("PUT", "/users/someone", aPerson().user, { status: 401, code: "unauthenticated" }, headers);
  },
);

test("headers that cannot be kept", async () => {
  const reason = { "change-reason": "x".repeat(257) };
  await refuses(
    "PUT",
    `${integration.path}/users/someone`,
    aPerson().user,
    { status: 400, code: "invalid-input" },
    reason,
  );
  const provider = { baseUrl: "https://example.com", token: "s" };
  const body = {
    application: { name: "x" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: "s" },
  };
  await refuses(
    "POST",
    "/integrations",
    body,
    { status: 400, code: "invalid-input" },
    { "idempotency-key": "a b" },
  );
});

test.each([
  "limit=0",
  "limit=-1",
  "limit=1e9",
  "limit=a",
  "limit=",
  "limit=0x10",
  "limit=5.0",
  "limit=%205",
  "limit=%2B5",
  "limit=5e1",
  "cursor=x",
  "cursor=",
  "=5",
  "dry_run=true",
  "cursor=%ff",
  "limit=5&limit=6",
  "unknown=1",
  "%zz=1",
])("the query ?%s", async (query) => {
  for (const path of [
    "/integrations",
    "/users",
    "/events",
    `${integration.path}/users`,
    `${integration.path}/groups`,
  ]) {
    const answer = await usher.call("GET", `${path}?${query}`);
    expect([path, answer.status]).toEqual([path, 400]);
    expect(["invalid-input", "invalid-cursor"]).toContain(answer.body.code);
  }
});

test.each(["dry_run=1", "action=delete&action=delete", "dryRun", "%zz=1"])(
  "the query ?%s changes nothing on any call that does not declare it",
  async (query) => {
    const { userId, user } = aPerson();
    expect((await usher.call("PUT", `/users/${userId}`, user)).status).toBe(200);
    for (const [method, path, body] of [
      ["DELETE", `/users/${userId}`],
      ["PUT", `/users/${userId}`, { ...user, firstname: "Other" }],
      ["GET", `/users/${userId}`],
      ["PUT", `${integration.path}/users/${userId}`],
      ["GET", `${integration.path}/users/${userId}`],
      ["DELETE", `${integration.path}/users/${userId}`],
      ["PUT", `${integration.path}/groups/team`, { name: "Team" }],
      ["POST", `${integration.path}/groups/team/members`, { add: [userId] }],
      ["GET", `${integration.path}/groups/team/members`],
      ["DELETE", `${integration.path}/groups/team`],
      ["PATCH", integration.path, { groupsEnabled: false }],
      ["DELETE", integration.path],
      ["GET", integration.path],
      ["GET", "/events/1"],
      ["GET", "/health"],
      ["GET", "/openapi.json"],
    ] as const) {
      await refuses(method, `${path}?${query}`, body, { status: 400, code: "invalid-input" });
    }
    expect((await usher.call("GET", `/users/${userId}`)).body).toMatchObject({ ...user, integrations: [] });
    expect((await usher.call("GET", integration.path)).body).toMatchObject({ status: "active", version: 1 });
  },
);

test.each(["confirm=", "confirm=1e9", "confirm=0x10", "confirm=-1", "confirm=1.5", "confirm=1&confirm=1"])(
  "the confirmation ?%s is no count",
  async (query) => {
    const path = `${integration.path}/groups/team`;
    await refuses("DELETE", `${path}?${query}`, undefined, { status: 400, code: "invalid-input" });
  },
);

test("a path that is unknown is told before its query", async () => {
  await refuses("GET", "/nothing?x=1", undefined, { status: 404, code: "not-found" });
});

test("a body of a call that takes none", async () => {
  const { userId, user } = aPerson();
  await usher.call("PUT", `/users/${userId}`, user);
  const body = { dryRun: true };
  await refuses("DELETE", `/users/${userId}`, body, {
    status: 400,
    code: "invalid-input",
    errors: ["dryRun"],
  });
  expect((await usher.call("GET", `/users/${userId}`)).status).toBe(200);
});

test.each([
  "sk-live-1234567890abcdef",
  "hunter2",
  "x".repeat(200),
  "correcthorsebatterystaple",
  "a b",
  "ключ",
])("a secret typed as the name of a field, %s, does not come back", async (secret) => {
  const { user } = aPerson();
  const answers = [
    await usher.call("PUT", "/users/someone", { ...user, [secret]: "x" }),
    await usher.call("GET", `/users?${encodeURIComponent(secret)}=1`),
    await usher.call("GET", `/users?${encodeURIComponent(secret)}=%ff`),
    await usher.call("GET", `/users?${encodeURIComponent(secret)}=1&${encodeURIComponent(secret)}=1`),
    await usher.call("POST", "/integrations", { credentials: { type: "bearer", [secret]: "x" } }),
  ];
  for (const { status, text } of answers) {
    expect(status).toBe(400);
    expect(text).not.toContain(secret);
  }
});

const misleading = ["\u202e", "\u2066", "\u2029", "\u200f", "\u0085", "\u200b"];

test.each(misleading)("the character %j in a Change-Reason or a label", async (character) => {
  const text = `paid${character}diap`;
  const wanted = { status: 400, code: "invalid-input" };
  const reason = { "change-reason": Buffer.from(text).toString("latin1") };
  await refuses("PUT", `${integration.path}/users/someone`, aPerson().user, wanted, reason);
  await refuses("PATCH", integration.path, { application: { displayLabel: text } }, wanted);
});

test("more than 10,000 members in one call", async () => {
  const ids = Array.from({ length: 10_001 }, (_, at) => `member-${at}`);
  const tooMany = { status: 413, code: "body-too-large" };
  const path = `${integration.path}/groups/team`;
  await refuses("PUT", path, { name: "Team", members: ids }, tooMany);
  await refuses("POST", `${path}/members`, { add: ids.slice(0, 6_000), remove: ids.slice(6_000) }, tooMany);
  await refuses("GET", path, undefined, { status: 404, code: "not-found" });
  // One less gets through to the next question.
  const unknown = await usher.call("PUT", path, { name: "Team", members: ids.slice(1) });
  expect([unknown.status, unknown.body.code]).toEqual([422, "unknown-members"]);
});
