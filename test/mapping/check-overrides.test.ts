import { expect, test } from "vitest";
import { checkOverrides } from "../../shared/mapping/check-overrides.ts";
import { profiles } from "../../shared/scim/profiles/profiles.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const pathsOf = (overrides: Parameters<typeof checkOverrides>[0]) =>
  checkOverrides(overrides).map(({ path }) => path);

test.each([
  ...[
    "userName",
    "USERNAME",
    "externalId",
    "active",
    "name.givenName",
    "Name.GivenName",
    "emails",
    "addresses",
  ],
  ...[`${enterprise}:department`, `${enterprise}:manager.value`, "urn:example:scim:Badge:color"],
])("%s can be required", (path) => {
  expect(checkOverrides({ requiredAttributes: [path] })).toEqual([]);
});

test.each([
  ...["password", "id", "meta.location", "groups", "foo bar", "a..b", "", "urn:x", "name", "nonexistent"],
  ...["name.nope", "title.sub", "emails.value", 'emails[type eq "work"].value', "emails[type eq"],
  ...[`${enterprise}:nope`, `${enterprise}:manager`, `${enterprise}:manager.displayName`],
  ...["urn:ietf:params:scim:schemas:core:2.0:User:userName", "__proto__"],
])("%s cannot: no mapping fills it", (path) => {
  expect(pathsOf({ requiredAttributes: ["userName", path] })).toEqual(["overrides.requiredAttributes.1"]);
});

test("a misspelt path is refused with the one that was meant", () => {
  const errors = checkOverrides({ requiredAttributes: ["tittle"], singleValued: ["phoneNumber"] });
  expect(errors).toEqual([
    { path: "overrides.requiredAttributes.0", message: expect.stringContaining("did you mean title?") },
    { path: "overrides.singleValued.0", message: expect.stringContaining("did you mean phoneNumbers?") },
  ]);
});

test("of lists alone one value may be sent", () => {
  expect(pathsOf({ singleValued: ["emails", "phonenumbers", "addresses", "roles"] })).toEqual([]);
  const others = [
    "title",
    "name.givenName",
    "bogus..path",
    "groups",
    "urn:example:scim:Badge:color",
    "emails.value",
  ];
  expect(pathsOf({ singleValued: others })).toEqual(others.map((_, at) => `overrides.singleValued.${at}`));
});

test.each(Object.values(profiles))(
  "what profile $name says passes",
  ({ requiredAttributes, singleValued }) => {
    expect(checkOverrides({ requiredAttributes, singleValued })).toEqual([]);
  },
);
