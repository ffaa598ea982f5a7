import { describe, expect, it } from "vitest";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import type { JsonObject, JsonValue } from "../../../shared/model/json.ts";
import { readCreation, readReplacement } from "../../../shared/scim-server/resources/read-resource.ts";
import { groupType, userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { detailFrom, refusalOf } from "../refusal.ts";
import { sampleAttributes } from "../sample-user.ts";

const created = (body: JsonObject) => readCreation(userType, { userName: "ada", ...body }).attributes;

describe("a user who is made", () => {
  it("may come in unless it is said otherwise", () => {
    expect(created({})).toEqual({ userName: "ada", active: true });
    expect(created({ active: null })).toEqual({ userName: "ada", active: true });
    expect(created({ active: "False" })).toEqual({ userName: "ada", active: false });
  });

  it("has what Entra sends, without what nobody keeps", () => {
    const body = {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User", enterpriseUrn],
      id: "mine",
      externalId: "Ada1",
      userName: "ada@example.com",
      active: "True",
      displayName: "Ada",
      emails: [{ primary: "true", type: "work", value: "ada@example.com", display: "x" }],
      meta: { resourceType: "User" },
      name: { formatted: "Ada L", familyName: "L", givenName: "Ada" },
      password: "secret",
      nickName: "A",
      roles: [],
      groups: [{ value: "g" }],
      [enterpriseUrn]: { manager: "u-2", employeeNumber: "", division: "x" },
      "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User": { a: 1 },
    };
    expect(created(body)).toEqual({
      externalId: "Ada1",
      userName: "ada@example.com",
      active: true,
      displayName: "Ada",
      emails: [{ value: "ada@example.com", type: "work", primary: true }],
      name: { familyName: "L", givenName: "Ada" },
      [enterpriseUrn]: { manager: { value: "u-2" } },
    });
  });

  it.each<[string, JsonObject, JsonObject]>([
    [
      "names in any case",
      { USERNAME: "b", Name: { GIVENNAME: "B" } },
      { userName: "b", name: { givenName: "B" } },
    ],
    ["no value that is blank", { title: " ", name: { givenName: "" }, emails: [] }, { userName: "ada" }],
    [
      "no element that says nothing",
      { emails: [{ type: "work", value: "" }, { primary: true }] },
      { userName: "ada" },
    ],
    [
      "one value without a list",
      { emails: { value: "a@example.com" } },
      { userName: "ada", emails: [{ value: "a@example.com" }] },
    ],
    [
      "each value once",
      { phoneNumbers: [{ value: "1" }, { value: "1" }] },
      { userName: "ada", phoneNumbers: [{ value: "1" }] },
    ],
    [
      "lines of an address",
      { addresses: [{ streetAddress: "a\nb" }] },
      { userName: "ada", addresses: [{ streetAddress: "a\nb" }] },
    ],
    ["no empty extension", { [enterpriseUrn]: { division: "x" } }, { userName: "ada" }],
    ["no extension that is null", { [enterpriseUrn]: null }, { userName: "ada" }],
    [
      "an extension by its URN in any case",
      { [enterpriseUrn.toLowerCase()]: { costCenter: "1" } },
      { userName: "ada", [enterpriseUrn]: { costCenter: "1" } },
    ],
    ["a text as it is spelled", { displayName: " Ada  L " }, { userName: "ada", displayName: " Ada  L " }],
  ])("has %s", (_, body, attributes) => {
    const sent = "USERNAME" in body ? readCreation(userType, body).attributes : created(body);
    expect(sent).toEqual({ active: true, ...attributes });
  });

  it.each<[string, JsonValue]>([
    ["userName", { userName: "" }],
    ["userName", { userName: null }],
    ["userName", { userName: 5 }],
    ["userName", { userName: ["ada"] }],
    ["userName", { userName: "a".repeat(1025) }],
    ["userName", { userName: "a\u0000" }],
    ["userName", { userName: "a\ud800" }],
    ["externalId", { externalId: 5 }],
    ["active", { active: "yes" }],
    ["active", { active: 1 }],
    ["title", { title: {} }],
    ["name", { name: "Ada" }],
    ["name", { name: [{ givenName: "Ada" }] }],
    ["name.givenName", { name: { givenName: true } }],
    ["emails", { emails: "ada@example.com" }],
    ["emails", { emails: ["ada@example.com"] }],
    ["emails.value", { emails: [{ value: "no address" }] }],
    ["emails.primary", { emails: [{ value: "a@example.com", primary: "maybe" }] }],
    [
      "emails",
      {
        emails: [
          { value: "a@example.com", primary: true },
          { value: "b@example.com", primary: true },
        ],
      },
    ],
    ["phoneNumbers", { phoneNumbers: Array.from({ length: 21 }, (_, at) => ({ value: String(at) })) }],
    ["phoneNumbers.value", { phoneNumbers: [{ value: 441 }] }],
    ["addresses.country", { addresses: [{ country: false }] }],
    [enterpriseUrn, { [enterpriseUrn]: "x" }],
    [`${enterpriseUrn}:manager`, { [enterpriseUrn]: { manager: 5 } }],
    [`${enterpriseUrn}:manager.value`, { [enterpriseUrn]: { manager: { value: "x".repeat(257) } } }],
  ])("is refused for %s, by its name: %j", (name, body) => {
    const act = () => created(body as JsonObject);
    expect(refusalOf(act)).toBe("invalidValue");
    expect(detailFrom(act)).toContain(`${name} `);
  });

  it.each<JsonValue>([
    null,
    [],
    "x",
    5,
    { userName: "a", USERNAME: "b" },
    { userName: "a", name: { givenName: "a", givenname: "b" } },
  ])("is refused where the body has no meaning: %j", (body) =>
    expect(refusalOf(() => readCreation(userType, body))).toBe("invalidSyntax"),
  );

  it("has nothing of what every object has", () => {
    const body = JSON.parse(
      '{"userName":"a","__proto__":{"title":"x"},"constructor":{"prototype":{}},"name":{"__proto__":{"givenName":"x"}}}',
    );
    const attributes = readCreation(userType, body).attributes;
    expect(attributes).toEqual({ userName: "a", active: true });
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
    expect(({} as { title?: string }).title).toBeUndefined();
  });
});

describe("a user who is replaced", () => {
  const replaced = (body: JsonObject, current = sampleAttributes) =>
    readReplacement(userType, current, body).attributes;

  it("keeps nothing that is left out, but whether they may come in", () => {
    expect(replaced({ userName: "ada" })).toEqual({ userName: "ada", active: true });
    const shut = { ...sampleAttributes, active: false };
    expect(replaced({ userName: "ada" }, shut)).toEqual({ userName: "ada", active: false });
    expect(replaced({ userName: "ada", active: null }, shut)).toEqual({ userName: "ada", active: false });
    expect(replaced({ userName: "ada", active: true }, shut)).toEqual({ userName: "ada", active: true });
  });

  it("needs a userName, and ignores what nobody but us sets", () => {
    expect(refusalOf(() => replaced({ title: "x" }))).toBe("invalidValue");
    expect(replaced({ userName: "b", id: "other", meta: {}, schemas: 5 })).toEqual({
      userName: "b",
      active: true,
    });
  });
});

describe("a group", () => {
  const body = (members: JsonValue) => ({ displayName: "Crew", externalId: "X", members });

  it.each<[string, JsonValue, string[]]>([
    ["a list", [{ value: "a", display: "A" }, { value: "b" }, { value: "a" }], ["a", "b"]],
    ["nobody", [], []],
    ["bare ids", ["a"], ["a"]],
  ])("names its members by %s", (_, members, ids) => {
    const sent = { attributes: { displayName: "Crew", externalId: "X" }, members: ids };
    expect(readCreation(groupType, body(members))).toEqual(sent);
    expect(readReplacement(groupType, { displayName: "Old" }, body(members))).toEqual(sent);
  });

  it("keeps its members where a replacement does not name them", () => {
    expect(readReplacement(groupType, {}, { displayName: "Crew" })).toEqual({
      attributes: { displayName: "Crew" },
    });
    expect(readReplacement(groupType, {}, body(null)).members).toBeUndefined();
  });

  it("is refused without a name, and for members without an id", () => {
    expect(refusalOf(() => readCreation(groupType, { members: [] }))).toBe("invalidValue");
    for (const member of [{}, null, 5, { value: 5 }, { value: "" }, [], { value: "a\nb" }])
      expect(refusalOf(() => readCreation(groupType, body([member])))).toBe("invalidValue");
  });

  it("may have 100,000 members", () => {
    const many = Array.from({ length: 100_000 }, (_, at) => ({ value: `user-${at}` }));
    const began = performance.now();
    expect(readCreation(groupType, body(many)).members).toHaveLength(100_000);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
