import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { endpoints } from "../../../functions/index.ts";
import type { TestProvider } from "../../providers/provider.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { checkRaw, type RawCall } from "../../support/raw-request.ts";
import { eventsOf, givenIntegration, useUsher } from "../../support/steps.ts";

const usher = useUsher();
let provider: TestProvider;
let integrationId: string;

beforeAll(async () => {
  provider = await startScimmy();
  ({ integrationId } = await givenIntegration(usher, provider));
  return () => provider.close();
});

const check = (call: RawCall) => checkRaw(usher.run, call);

/** Values that are nearly what a field wants. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    "",
    " ",
    "a",
    "a@example.com",
    "x".repeat(1100),
    "\u0000",
    "\ud800",
    "‮",
    "https://127.0.0.1:1/x",
    "http://127.0.0.1:1",
    "bearer",
    "generic",
    "STAGED",
    "{firstname}",
    "{",
    'emails[type eq "work"].value',
    "urn:a:b:c",
    [],
    {},
    [{}],
    [null],
    ["a"],
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const fields = [
  "email",
  "username",
  "firstname",
  "lastname",
  "displayname",
  "manager",
  "phoneNumbers",
  "addresses",
  "attributes",
  "suspended",
  "state",
  "name",
  "members",
  "add",
  "remove",
  "application",
  "profile",
  "credentials",
  "groupsEnabled",
  "attributeMappings",
  "policies",
  "test",
  "baseUrl",
];
const good: Record<string, unknown> = {
  email: "fuzz@example.com",
  firstname: "F",
  lastname: "Z",
  name: "Group",
  members: ["ada"],
  add: ["ada"],
  remove: ["bob"],
  application: { name: "x" },
  credentials: { type: "bearer", clientSecret: "s" },
  attributeMappings: [{ target: "title", source: "jobTitle" }],
};

test("no body that is nearly right is answered with 500 by any call that takes one", async () => {
  const takers = endpoints.filter(({ body, name }) => body !== undefined && name !== "activate-integration");
  const body = fc
    .tuple(fc.subarray(fields), fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 3 }))
    .map(([present, odd]) => ({
      ...Object.fromEntries(present.filter((field) => field in good).map((field) => [field, good[field]])),
      ...odd,
    }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...takers),
      fc.constantFrom("ada", "bob", "fuzz"),
      body,
      ({ method, path }, id, sent) =>
        check({
          method,
          path: path.replace("{integrationId}", integrationId).replaceAll(/\{\w+\}/g, id),
          headers: { "content-type": "application/json" },
          body: Buffer.from(JSON.stringify(sent)),
        }),
    ),
    { numRuns: 600 },
  );
}, 60_000);

test("no user that the directory takes is answered with 500, and its event can be read", async () => {
  const text = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
    .filter((given) => given.trim() !== "" && given.isWellFormed());
  const person = fc.record(
    {
      firstname: text,
      lastname: text,
      jobTitle: text,
      displayname: text,
      department: text,
      phoneNumbers: fc.array(fc.record({ type: text, number: text }), { maxLength: 3 }),
      suspended: fc.boolean(),
    },
    { requiredKeys: ["firstname", "lastname"] },
  );
  await fc.assert(
    fc.asyncProperty(person, async (user) => {
      const body = Buffer.from(JSON.stringify({ email: "person@example.com", ...user }));
      await check({
        method: "PUT",
        path: `/integrations/${integrationId}/users/person`,
        headers: { "content-type": "application/json" },
        body,
      });
    }),
    { numRuns: 100 },
  );
  expect(
    (await provider.users()).filter(({ userName }) => userName === "person@example.com").length,
  ).toBeLessThanOrEqual(1);
  expect(Array.isArray(await eventsOf(usher, "userId=person"))).toBe(true);
}, 60_000);
