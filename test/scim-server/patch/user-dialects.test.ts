import { describe, expect, it } from "vitest";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import type { JsonObject, JsonValue } from "../../../shared/model/json.ts";
import { sampleAttributes } from "../sample-user.ts";
import { patchedUser } from "./patched.ts";

const work = { value: "ada@example.com", type: "work", primary: true };
const home = { value: "ada@home.example.com", type: "home" };
const extension = sampleAttributes[enterpriseUrn] as JsonObject;

/** Each PATCH with what differs after it; what is undefined is gone. */
const dialects: Record<string, [string, JsonValue[], Record<string, JsonValue | undefined>][]> = {
  Okta: [
    ["deactivates without a path", [{ op: "replace", value: { active: false } }], { active: false }],
    [
      "replaces attributes beside the id",
      [{ op: "replace", value: { id: "u-1", title: "Countess", schemas: ["urn:x"], meta: { a: 1 } } }],
      { title: "Countess" },
    ],
    ["drops a password", [{ op: "replace", value: { password: "x", active: false } }], { active: false }],
  ],
  OneLogin: [["deactivates by path", [{ op: "replace", path: "active", value: false }], { active: false }]],
  "Entra without its flag": [
    ["deactivates with a text", [{ op: "Replace", path: "active", value: "False" }], { active: false }],
    ["activates with a text", [{ op: "Add", path: "active", value: "True" }], { active: true }],
    [
      "replaces the value of a type",
      [{ op: "Replace", path: 'emails[type eq "work"].value', value: "a@example.com" }],
      { emails: [{ ...work, value: "a@example.com" }, home] },
    ],
    [
      "makes the value of a type that is not there",
      [{ op: "Replace", path: 'phoneNumbers[type eq "mobile"].value', value: "+1" }],
      {
        phoneNumbers: [
          { value: "+44 20 1", type: "work" },
          { value: "+1", type: "mobile" },
        ],
      },
    ],
    [
      "makes an address part by part",
      [
        { op: "Add", path: 'addresses[type eq "work"].postalCode', value: "W1" },
        { op: "Add", path: 'addresses[type eq "work"].locality', value: "London" },
        { op: "Add", path: 'addresses[type eq "work"].formatted', value: "London W1" },
      ],
      { addresses: [{ postalCode: "W1", type: "work", locality: "London" }] },
    ],
    [
      "changes the primary one, in a text",
      [{ op: "Replace", path: 'emails[primary eq "True"].value', value: "p@example.com" }],
      { emails: [{ ...work, value: "p@example.com" }, home] },
    ],
    [
      "says what is not kept, and it goes nowhere",
      [
        { op: "Add", path: 'roles[primary eq "True"].value', value: "admin" },
        { op: "Add", path: "preferredLanguage", value: "en" },
        { op: "Add", path: 'phoneNumbers[primary eq "True"].value', value: "+1" },
        { op: "Replace", path: "name.formatted", value: "Ada L." },
        { op: "Add", path: "nickName", value: "A" },
        { op: "Replace", path: "password", value: "secret" },
      ],
      {},
    ],
    [
      "replaces a part of the extension by its URN",
      [{ op: "Replace", path: `${enterpriseUrn}:department`, value: "R&D" }],
      { [enterpriseUrn]: { ...extension, department: "R&D" } },
    ],
    [
      "names the manager by a bare id",
      [{ op: "Add", path: `${enterpriseUrn}:manager`, value: "u-7" }],
      { [enterpriseUrn]: { ...extension, manager: { value: "u-7" } } },
    ],
    [
      "names the manager by a list of one",
      [{ op: "Add", path: `${enterpriseUrn}:manager`, value: [{ $ref: "../Users/u-7", value: "u-7" }] }],
      { [enterpriseUrn]: { ...extension, manager: { value: "u-7" } } },
    ],
    [
      "clears the manager by an empty text",
      [{ op: "Replace", path: `${enterpriseUrn}:manager`, value: "" }],
      { [enterpriseUrn]: { department: "Engines" } },
    ],
    [
      "removes the manager",
      [{ op: "Remove", path: `${enterpriseUrn}:manager` }],
      { [enterpriseUrn]: { department: "Engines" } },
    ],
    ["clears a text by an empty one", [{ op: "Replace", path: "title", value: "" }], { title: undefined }],
  ],
  "Entra with its flag": [
    [
      "names parts by dotted and by URN keys",
      [
        {
          op: "replace",
          value: {
            "name.givenName": "Augusta",
            [`${enterpriseUrn}:employeeNumber`]: "7",
            [`${enterpriseUrn}:manager`]: "",
            displayName: "Augusta",
          },
        },
        { op: "replace", path: 'emails[type eq "work"].value', value: "b@example.com" },
      ],
      {
        name: { familyName: "Lovelace", givenName: "Augusta" },
        displayName: "Augusta",
        [enterpriseUrn]: { department: "Engines", employeeNumber: "7" },
        emails: [{ ...work, value: "b@example.com" }, home],
      },
    ],
    [
      "names a value by a filtered key",
      [{ op: "add", value: { 'emails[type eq "other"].value': "o@example.com" } }],
      { emails: [work, home, { value: "o@example.com", type: "other" }] },
    ],
  ],
  JumpCloud: [
    [
      "replaces whole attributes",
      [{ op: "replace", value: { name: { givenName: "Augusta" }, emails: [home] } }],
      { name: { familyName: "Lovelace", givenName: "Augusta" }, emails: [home] },
    ],
  ],
  "any identity provider": [
    ["sends no operation", [], {}],
    [
      "has a serializer that writes null",
      [{ op: "replace", value: { id: null, active: null, meta: null, schemas: null, title: "C" } }],
      { title: "C" },
    ],
    ["clears a list by an empty text", [{ op: "replace", path: "emails", value: "" }], { emails: undefined }],
    [
      "writes names in any case",
      [{ op: "ADD", path: "NAME.middlename", value: "K" }],
      { name: { familyName: "Lovelace", givenName: "Ada", middleName: "K" } },
    ],
    ["gives no op", [{ value: { title: "Countess" } }], { title: "Countess" }],
    [
      "gives an empty path",
      [{ op: "replace", path: "", value: { title: "Countess" } }],
      { title: "Countess" },
    ],
    ["writes its keys in any case", [{ OP: "replace", PATH: "Title", VALUE: "C" }], { title: "C" }],
    [
      "names the core schema",
      [{ op: "replace", path: "urn:ietf:params:scim:schemas:core:2.0:User:title", value: "C" }],
      { title: "C" },
    ],
    [
      "names a whole extension",
      [{ op: "add", path: enterpriseUrn, value: { costCenter: "9" } }],
      { [enterpriseUrn]: { ...extension, costCenter: "9" } },
    ],
    [
      "nests an extension",
      [{ op: "add", value: { [enterpriseUrn]: { costCenter: "9", unknown: 1 } } }],
      { [enterpriseUrn]: { ...extension, costCenter: "9" } },
    ],
    ["removes an extension", [{ op: "remove", path: enterpriseUrn }], { [enterpriseUrn]: undefined }],
    [
      "says what nobody knows, without a path",
      [{ op: "add", value: { shoeSize: 43, "urn:example:2.0:User": { a: 1 }, title: "C" } }],
      { title: "C" },
    ],
    [
      "removes what is not there",
      [
        { op: "remove", path: "userType" },
        { op: "remove", path: 'emails[type eq "fax"]' },
        { op: "remove", path: 'phoneNumbers[type eq "fax"].value' },
      ],
      {},
    ],
    ["removes a list", [{ op: "remove", path: "emails" }], { emails: undefined }],
    [
      "removes what it lists",
      [{ op: "remove", path: "emails", value: [{ value: "ada@home.example.com" }] }],
      { emails: [work] },
    ],
    ["removes by a filter", [{ op: "remove", path: 'emails[type eq "work"]' }], { emails: [home] }],
    [
      "removes the value of one, which leaves nothing of it",
      [{ op: "remove", path: 'emails[type eq "home"].value' }],
      { emails: [work] },
    ],
    [
      "removes the last one",
      [{ op: "remove", path: 'phoneNumbers[type eq "work"]' }],
      { phoneNumbers: undefined },
    ],
    ["removes a part", [{ op: "remove", path: "name.givenName" }], { name: { familyName: "Lovelace" } }],
    ["removes all parts", [{ op: "remove", path: "name" }], { name: undefined }],
    [
      "adds a value twice",
      [
        { op: "add", path: "emails", value: [home] },
        { op: "add", path: "emails", value: home },
      ],
      {},
    ],
    [
      "adds a value that is there as the primary one",
      [{ op: "add", path: "emails", value: [{ ...home, primary: true }] }],
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    [
      "adds a new primary one",
      [{ op: "add", path: "emails", value: { value: "n@example.com", primary: "true" } }],
      { emails: [{ ...work, primary: false }, home, { value: "n@example.com", primary: true }] },
    ],
    [
      "makes another the primary one",
      [{ op: "replace", path: 'emails[type eq "home"].primary', value: "True" }],
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    [
      "replaces parts of one value",
      [{ op: "replace", path: 'emails[type eq "work"]', value: { value: "w@example.com" } }],
      { emails: [{ ...work, value: "w@example.com" }, home] },
    ],
    [
      "makes a value of two terms",
      [{ op: "replace", path: 'emails[type eq "other" and primary eq true].value', value: "o@example.com" }],
      {
        emails: [{ ...work, primary: false }, home, { value: "o@example.com", type: "other", primary: true }],
      },
    ],
    [
      "adds and removes the same",
      [
        { op: "add", path: "userType", value: "Employee" },
        { op: "remove", path: "userType" },
      ],
      {},
    ],
    ["names the schemas", [{ op: "add", path: "schemas", value: ["urn:x"] }], {}],
    ["names its own id", [{ op: "replace", path: "id", value: "u-1" }], {}],
    ["clears a list", [{ op: "replace", path: "emails", value: [] }], { emails: undefined }],
    [
      "clears by null",
      [{ op: "replace", value: { title: null, name: null } }],
      { title: undefined, name: undefined },
    ],
    [
      "empties a part of one value",
      [{ op: "replace", path: 'phoneNumbers[type eq "work"].value', value: "" }],
      { phoneNumbers: undefined },
    ],
    [
      "empties a value that is not there",
      [{ op: "replace", path: 'phoneNumbers[type eq "fax"].value', value: "" }],
      {},
    ],
  ],
};

describe.each(Object.entries(dialects))("%s", (_, rows) => {
  it.each(rows)("%s", (_title, operations, differences) => {
    const expected = Object.entries({ ...sampleAttributes, ...differences }).filter(
      ([, value]) => value !== undefined,
    );
    expect(patchedUser(operations)).toEqual(Object.fromEntries(expected));
  });
});

it("shuts out a user who lacks what every user needs", () => {
  expect(patchedUser([{ op: "replace", value: { active: false } }], { active: true })).toEqual({
    active: false,
  });
});
