import { describe, expect, it } from "vitest";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import { project, showsMembers } from "../../../shared/scim-server/messages/projection.ts";
import { groupType, userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { sampleGroup, sampleUser } from "../sample-user.ts";

const { schemas, id, ...rest } = sampleUser;
const always = { schemas, id };
const only = (...attributes: string[]) => project(userType, sampleUser, { attributes });
const without = (...excludedAttributes: string[]) => project(userType, sampleUser, { excludedAttributes });

describe("what is asked for", () => {
  it.each<[string[], object]>([
    [["userName"], { userName: "Ada@example.com" }],
    [["USERNAME", "id"], { userName: "Ada@example.com" }],
    [["urn:ietf:params:scim:schemas:core:2.0:User:userName"], { userName: "Ada@example.com" }],
    [["name.givenName"], { name: { givenName: "Ada" } }],
    [["name.givenName", "name"], { name: sampleUser.name }],
    [["emails.value"], { emails: [{ value: "ada@example.com" }, { value: "ada@home.example.com" }] }],
    [["emails.primary"], { emails: [{ primary: true }] }],
    [[enterpriseUrn], { [enterpriseUrn]: sampleUser[enterpriseUrn] }],
    [[`${enterpriseUrn}:department`], { [enterpriseUrn]: { department: "Engines" } }],
    [[`${enterpriseUrn}:manager.value`], { [enterpriseUrn]: { manager: { value: "u-9" } } }],
    [["meta.version"], { meta: { version: 'W/"3"' } }],
    [["userType", "nickName", "nonsense", "__proto__", "a b"], {}],
  ])("%j", (attributes, shown) => expect(only(...attributes)).toEqual({ ...always, ...shown }));
});

describe("what is left out", () => {
  it("is never the id or the schemas", () => {
    expect(without("id", "schemas")).toEqual(sampleUser);
    expect(without(...Object.keys(rest))).toEqual(always);
  });

  it("is a part, a whole attribute or an extension", () => {
    const shown = without(
      "name.givenName",
      "emails",
      enterpriseUrn,
      "META",
      "phoneNumbers.value",
      "emails.value",
    );
    const { emails, meta, [enterpriseUrn]: _, ...others } = sampleUser;
    expect(shown).toEqual({ ...others, name: { familyName: "Lovelace" }, phoneNumbers: [{ type: "work" }] });
  });

  it("leaves no empty parts", () => {
    expect(without("name.givenName", "name.familyName")).not.toHaveProperty("name");
    expect(without("emails.value", "emails.type")).toMatchObject({ emails: [{ primary: true }] });
  });

  it("goes before what is asked for", () => {
    const projection = { attributes: ["name"], excludedAttributes: ["name.familyName"] };
    expect(project(userType, sampleUser, projection)).toEqual({ ...always, name: { givenName: "Ada" } });
  });
});

it("knows when members are not shown, so that nobody has to read them", () => {
  expect(showsMembers(groupType, {})).toBe(true);
  expect(showsMembers(groupType, { excludedAttributes: ["Members"] })).toBe(false);
  expect(showsMembers(groupType, { attributes: ["displayName"] })).toBe(false);
  expect(showsMembers(groupType, { attributes: ["members.value"] })).toBe(true);
  expect(project(groupType, sampleGroup, { excludedAttributes: ["members"] })).not.toHaveProperty("members");
});

it("leaves the resource as it is", () => {
  const before = structuredClone(sampleUser);
  without("name.givenName");
  only("emails.value");
  expect(sampleUser).toEqual(before);
});
