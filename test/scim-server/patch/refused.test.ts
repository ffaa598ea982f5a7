import { describe, expect, it } from "vitest";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import type { JsonValue } from "../../../shared/model/json.ts";
import { readOperations } from "../../../shared/scim-server/patch/read-operations.ts";
import { detailFrom, refusalOf } from "../refusal.ts";
import { sampleAttributes } from "../sample-user.ts";
import { patchedGroup, patchedUser } from "./patched.ts";

const replace = (path: string, value: JsonValue) => ({ op: "replace", path, value });

describe("a PATCH of a user is refused", () => {
  it.each<[string, JsonValue]>([
    ["invalidSyntax", "add"],
    ["invalidSyntax", { op: "move", path: "title", value: "x" }],
    ["invalidSyntax", { op: 1, path: "title", value: "x" }],
    ["invalidSyntax", { path: "title", value: "x" }],
    ["invalidSyntax", { op: "replace", path: "title" }],
    ["invalidSyntax", { op: "add", OP: "add", path: "title", value: "x" }],
    ["invalidPath", { op: "replace", path: 7, value: "x" }],
    ["invalidPath", replace("shoeSize", 43)],
    ["invalidPath", replace("name.shoeSize", 43)],
    ["invalidPath", replace('emails[type eq "work"].shoeSize', 43)],
    ["invalidPath", replace("emails[type eq", "x")],
    ["invalidPath", replace('title[type eq "work"]', "x")],
    ["invalidPath", replace('name[type eq "work"].givenName', "x")],
    ["invalidPath", replace("urn:example:2.0:User:title", "x")],
    ["invalidPath", replace("members", [])],
    ["invalidPath", replace("__proto__", {})],
    ["invalidPath", replace("__proto__.polluted", true)],
    ["invalidPath", replace("constructor", {})],
    ["invalidPath", replace("name.__proto__", {})],
    ["invalidPath", replace("emails.value", "x@example.com")],
    ["invalidPath", replace("x".repeat(5000), "x")],
    ["invalidFilter", replace('emails[kind eq "work"].value', "x@example.com")],
    ["invalidFilter", replace("emails[type].value", "x@example.com")],
    ["invalidFilter", { op: "remove", path: "emails[]" }],
    ["noTarget", { op: "remove" }],
    ["noTarget", { op: "remove", value: { title: "x" } }],
    ["noTarget", replace('emails[type ne "work" and type ne "home"].value', "x@example.com")],
    ["noTarget", replace('emails[type eq "a" or type eq "b"].value', "x@example.com")],
    ["mutability", replace("id", "u-2")],
    ["mutability", { op: "replace", value: { id: "u-2" } }],
    ["mutability", { op: "remove", path: "id" }],
    ["mutability", replace("meta.created", "2026-01-01T00:00:00Z")],
    ["mutability", { op: "remove", path: "meta" }],
    ["mutability", replace("groups", [])],
    ["mutability", replace('groups[value eq "g"]', {})],
    ["mutability", { op: "remove", path: "userName" }],
    ["mutability", { op: "remove", path: "active" }],
    ["mutability", { op: "remove", path: "urn:ietf:params:scim:schemas:core:2.0:User" }],
    ["invalidValue", replace("userName", "")],
    ["invalidValue", replace("userName", null)],
    ["invalidValue", replace("userName", 5)],
    ["invalidValue", replace("active", null)],
    ["invalidValue", replace("active", "")],
    ["invalidValue", replace("active", "yes")],
    ["invalidValue", replace("active", 0)],
    ["invalidValue", replace("name", "Ada")],
    ["invalidValue", replace("name", [])],
    ["invalidValue", replace("emails", "ada@example.com")],
    ["invalidValue", replace("emails", [{ value: "no address" }])],
    ["invalidValue", replace('emails[type eq "work"].value', "no address")],
    [
      "invalidValue",
      replace('emails[type eq "work"]', [{ value: "a@example.com" }, { value: "b@example.com" }]),
    ],
    ["invalidValue", replace("title", "x".repeat(1025))],
    ["invalidValue", replace("title", "a\u202eb")],
    ["invalidValue", replace(`${enterpriseUrn}:manager`, 5)],
    ["invalidValue", { op: "replace", value: "active" }],
    ["invalidValue", { op: "replace", value: { [enterpriseUrn]: "x" } }],
    ["invalidValue", replace("emails[value pr].primary", true)],
    [
      "invalidValue",
      {
        op: "add",
        path: "emails",
        value: Array.from({ length: 20 }, (_, at) => ({ value: `a${at}@example.com` })),
      },
    ],
  ])("%s: %j", (refusal, operation) => {
    expect(refusalOf(() => patchedUser([operation]))).toBe(refusal);
  });

  it.each<[string, JsonValue]>([
    ["invalidSyntax", null],
    ["invalidSyntax", []],
    ["invalidSyntax", {}],
    ["invalidSyntax", { Operations: {} }],
    ["413", { Operations: Array.from({ length: 10_001 }, () => ({ op: "remove", path: "title" })) }],
  ])("%s as a whole", (refusal, body) => {
    expect(refusalOf(() => readOperations(body))).toBe(refusal);
  });
});

describe("a PATCH of a group is refused", () => {
  it.each<[string, JsonValue]>([
    ["mutability", { op: "remove", path: "displayName" }],
    ["invalidValue", replace("displayName", "")],
    ["mutability", { op: "replace", value: { id: "g-2", displayName: "x" } }],
    ["invalidFilter", { op: "remove", path: 'members[display eq "Ada"]' }],
    ["invalidFilter", { op: "remove", path: 'members[value ne "u-1"]' }],
    ["invalidFilter", { op: "remove", path: "members[value pr]" }],
    ["invalidFilter", { op: "remove", path: 'members[value eq "u-1" or type eq "User"]' }],
    ["invalidFilter", { op: "remove", path: 'members[not (value eq "u-1")]' }],
    ["mutability", replace('members[value eq "u-1"].value', "u-2")],
    ["mutability", replace('members[value eq "u-1"]', { value: "u-2" })],
    ["invalidValue", { op: "add", path: "members", value: [{}] }],
    ["invalidValue", { op: "add", path: "members", value: [{ value: 5 }] }],
    ["invalidValue", { op: "add", path: "members", value: [{ value: "" }] }],
    ["invalidValue", { op: "add", path: "members", value: [null] }],
    ["invalidValue", { op: "remove", path: "members", value: [{ display: "Ada" }] }],
    ["invalidPath", replace("userName", "x")],
  ])("%s: %j", (refusal, operation) => {
    expect(refusalOf(() => patchedGroup([operation]))).toBe(refusal);
  });
});

it("carries out nothing of a PATCH that fails at its end", () => {
  const before = structuredClone(sampleAttributes);
  const operations = [
    replace("title", "Countess"),
    replace('emails[type eq "work"].value', "new@example.com"),
    { op: "remove", path: 'emails[type eq "home"]' },
    replace("shoeSize", 43),
  ];
  expect(refusalOf(() => patchedUser(operations))).toBe("invalidPath");
  expect(sampleAttributes).toEqual(before);
  patchedUser(operations.slice(0, 3));
  expect(sampleAttributes).toEqual(before);
});

it("names the attribute and repeats no value", () => {
  const detailOf = (operation: JsonValue) => detailFrom(() => patchedUser([operation]));
  expect(detailOf(replace("active", "hunter2"))).toMatch(/^active has to be true or false/);
  expect(detailOf(replace("name.givenName", ["hunter2"]))).toMatch(/^name\.givenName .*text/);
  expect(detailOf(replace(`${enterpriseUrn}:department`, 5))).toContain(`${enterpriseUrn}:department`);
  for (const path of [
    "hunter2 secret",
    'shoes[value eq "hunter2"]',
    "urn:hunter2:x:2.0:User:hunter2Secret99",
  ])
    expect(detailOf(replace(path, "hunter2"))).not.toContain("hunter2");
});
