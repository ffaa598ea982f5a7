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
  "cursor=x",
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
