import { describe, expect, it } from "vitest";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import { findAttribute, nameOf } from "../../../shared/scim-server/schemas/find-attribute.ts";
import { foldText } from "../../../shared/scim-server/schemas/fold-text.ts";
import { groupType, userType } from "../../../shared/scim-server/schemas/resource-types.ts";

describe("an attribute of a user", () => {
  it.each([
    ["USERNAME", "userName"],
    ["Name.GivenName", "name.givenName"],
    ["urn:ietf:params:scim:schemas:core:2.0:USER:title", "title"],
    [`${enterpriseUrn.toUpperCase().replace("URN", "urn")}:Manager.Value`, `${enterpriseUrn}:manager.value`],
    ["externalid", "externalId"],
    ["meta.lastmodified", "meta.lastModified"],
  ])("%s is %s", (text, name) => {
    const found = findAttribute(userType, text);
    expect(found.is === "kept" && nameOf(found.ref)).toBe(name);
  });

  it.each([
    ["dropped", "password"],
    ["dropped", "nickName"],
    ["dropped", "NICKNAME"],
    ["dropped", "name.formatted"],
    ["dropped", "roles.value"],
    ["dropped", "emails.display"],
    ["dropped", `${enterpriseUrn}:division`],
    ["readOnly", "groups"],
    ["readOnly", `${enterpriseUrn}:manager.displayName`],
    ["unknown", "shoeSize"],
    ["unknown", "name.shoeSize"],
    ["unknown", "title.value"],
    ["unknown", "members"],
    ["unknown", "department"],
    ["unknown", "urn:example:2.0:User:title"],
    ["unknown", "constructor"],
    ["unknown", "__proto__"],
    ["unknown", ""],
    ["unknown", 'emails[type eq "work"].value'],
  ])("%s: %s", (is, text) => expect(findAttribute(userType, text)).toEqual({ is }));
});

it("is looked for among those of its own type", () => {
  expect(findAttribute(groupType, "members.value").is).toBe("kept");
  expect(findAttribute(groupType, "urn:ietf:params:scim:schemas:core:2.0:Group:displayName").is).toBe("kept");
  expect(findAttribute(groupType, "members.display").is).toBe("dropped");
  expect(findAttribute(groupType, "userName").is).toBe("unknown");
  expect(findAttribute(groupType, `${enterpriseUrn}:department`).is).toBe("unknown");
});

it("compares names without regard to case and composition, and ids exactly", () => {
  expect(foldText({ caseExact: false }, "ZOE\u0301")).toBe(foldText({ caseExact: false }, "zo\u00e9"));
  expect(foldText({ caseExact: true }, "Ab")).toBe("Ab");
});
