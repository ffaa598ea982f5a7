import { afterEach, beforeAll, expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { invalid, refusing } from "../../support/refusals.ts";
import {
  activation,
  type GivenIntegration,
  givenIntegration,
  givenProvider,
  givenSaved,
  newId,
  useUsher,
} from "../../support/steps.ts";

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

test.each([
  ["no field at all", {}, ["email", "firstname"]],
  [
    "wrong types",
    { email: 7, firstname: [], lastname: null, suspended: "yes" },
    ["email", "firstname", "lastname", "suspended"],
  ],
  ["empty names", { email: "a@example.com", firstname: "", lastname: "" }, ["firstname", "lastname"]],
  [
    "over-long names",
    { email: "a@example.com", firstname: "x".repeat(1025), lastname: "y".repeat(9999) },
    ["firstname", "lastname"],
  ],
  [
    "an over-long e-mail",
    { email: `${"x".repeat(250)}@example.com`, firstname: "A", lastname: "B" },
    ["email"],
  ],
  ["no e-mail address", { email: "nobody", firstname: "A", lastname: "B" }, ["email"]],
  [
    "an unknown field",
    { email: "a@example.com", firstname: "A", lastname: "B", password: "x" },
    ["password"],
  ],
  ["an unknown state", { email: "a@example.com", firstname: "A", lastname: "B", state: "GONE" }, ["state"]],
  [
    "a bad phone number",
    { email: "a@example.com", firstname: "A", lastname: "B", phoneNumbers: [{ number: 1 }] },
    ["phoneNumbers.0.number", "phoneNumbers.0.type"],
  ],
  ["a list", [1, 2], ["body"]],
  ["a text", '"user"', ["body"]],
  ["null", "null", ["body"]],
])("a user that is %s", async (_, body, errors) => {
  await refuses("PUT", "/users/someone", body, invalid(...errors));
  await refuses("PUT", `${integration.path}/users/someone`, body, invalid(...errors));
  expect((await usher.call("GET", "/users/someone")).status).toBe(404);
});

test.each([
  ["without a name", {}, ["name"]],
  ["with an empty name", { name: "" }, ["name"]],
  ["with an over-long name", { name: "x".repeat(257) }, ["name"]],
  ["with a line break in its name", { name: "a\nb" }, ["name"]],
  ["with a turned direction in its name", { name: "a\u202eb" }, ["name"]],
  ["with members that are no list", { name: "G", members: "ada" }, ["members"]],
  ["with members that are no ids", { name: "G", members: ["ok", "a/b", 5] }, ["members.1", "members.2"]],
])("a group %s", async (_, body, errors) => {
  await refuses("PUT", `${integration.path}/groups/team`, body, invalid(...errors));
  expect((await usher.call("GET", `${integration.path}/groups/team`)).status).toBe(404);
});

test.each([
  ["{}", {}, ["body"]],
  ["somebody both added and removed", { add: ["ada"], remove: ["ada"] }, ["body"]],
  ["wrong types", { add: {}, remove: [null] }, ["add", "remove.0"]],
])("a change of members: %s", async (_, body, errors) => {
  await refuses("POST", `${integration.path}/groups/team/members`, body, invalid(...errors));
});

test.each([
  ["nothing", {}, ["application", "credentials"]],
  [
    "wrong types",
    { application: "x", credentials: [], groupsEnabled: "yes" },
    ["application", "credentials", "groupsEnabled"],
  ],
  [
    "an unknown profile",
    { application: { name: "x" }, profile: "okta", credentials: { type: "bearer", clientSecret: "s" } },
    ["profile"],
  ],
  [
    "a secret with a line break",
    {
      application: { name: "x" },
      baseUrl: "https://example.com",
      credentials: { type: "bearer", clientSecret: "a\r\nb" },
    },
    ["credentials.clientSecret"],
  ],
  [
    "a script as bookmark",
    {
      application: { name: "x", bookmarkUrl: "javascript:alert(1)" },
      baseUrl: "https://example.com",
      credentials: { type: "bearer", clientSecret: "s" },
    },
    ["application.bookmarkUrl"],
  ],
  [
    "an unknown policy",
    {
      application: { name: "x" },
      baseUrl: "https://example.com",
      credentials: { type: "bearer", clientSecret: "s" },
      policies: { onUserDeleted: "none" },
    },
    ["policies.onUserDeleted"],
  ],
  [
    "limits of the guard that are none",
    {
      application: { name: "x" },
      baseUrl: "https://example.com",
      credentials: { type: "bearer", clientSecret: "s" },
      policies: { guard: { users: -1, percent: 101, most: 1.5 } },
    },
    ["policies.guard.users", "policies.guard.percent", "policies.guard.most"],
  ],
  [
    "a write test without an e-mail",
    {
      application: { name: "x" },
      baseUrl: "https://example.com",
      credentials: { type: "bearer", clientSecret: "s" },
      test: { mode: "write" },
    },
    ["test.userEmail"],
  ],
])("an activation with %s", async (_, body, errors) => {
  await refuses("POST", "/integrations", body, invalid(...errors));
});

test.each([
  "http://example.com/scim",
  "ftp://example.com/scim",
  "https://user:pass@example.com/scim",
  "https://example.com/scim?x=1",
  "https://example.com/scim#top",
  "https://10.1.2.3/scim",
  "https://192.168.0.1/scim",
  "https://172.16.9.9/scim",
  "https://169.254.169.254/latest/meta-data",
  "https://[fd00::1]/scim",
  "https://[fe80::1]/scim",
  "https://[::ffff:10.0.0.1]/scim",
  "https://0x0a000001/scim",
  "https://167772161/scim",
  "https://0.0.0.0/scim",
  "https://100.64.0.1/scim",
  "not a url",
  "",
  "https://",
  "x".repeat(5000),
])("a base URL that may not be called: %s", async (baseUrl) => {
  const credentials = { type: "bearer", clientSecret: "s" };
  const body = { application: { name: "x" }, baseUrl, credentials };
  await refuses("POST", "/integrations", body, invalid("baseUrl"));
  await refuses("PATCH", integration.path, { baseUrl, credentials }, invalid("baseUrl"));
});

test("a body of the largest size works", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  const members = await givenSaved(usher, 1);
  // Repeated ids count once; the body is as large as a body may be.
  const filler = Array.from({ length: 90_000 }, () => members[0]);
  const body = JSON.stringify({ name: "Large", members: filler });
  expect(body.length).toBeLessThan(1024 * 1024);
  const answer = await usher.call("PUT", `${path}/groups/${newId("group")}`, body);
  expect(answer.body).toMatchObject({ action: "created", members: { added: 1 } });
});

test("an activation tells all that is wrong at once", async () => {
  const provider = await givenProvider(startStrongDm);
  const body = activation(provider, {
    attributeMappings: [{ target: "id", constant: "x" }],
    baseUrl: "http://10.0.0.1",
  });
  const { errors } = (await usher.call("POST", "/integrations", body)).body;
  expect((errors as { path: string }[]).map(({ path }) => path)).toEqual([
    "baseUrl",
    "attributeMappings.0.target",
  ]);
});
