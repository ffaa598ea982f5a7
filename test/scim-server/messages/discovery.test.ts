import { describe, expect, it } from "vitest";
import { defaultMapping } from "../../../shared/mapping/default-mapping.ts";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import {
  resourceTypeList,
  resourceTypeOf,
  schemaList,
  schemaOf,
} from "../../../shared/scim-server/messages/discovery.ts";
import { serviceProviderConfig } from "../../../shared/scim-server/messages/service-provider-config.ts";
import { readCreation } from "../../../shared/scim-server/resources/read-resource.ts";
import { findAttribute } from "../../../shared/scim-server/schemas/find-attribute.ts";
import { groupType, userType } from "../../../shared/scim-server/schemas/resource-types.ts";

const baseUrl = "https://usher.example.com/scim/v2";
const coreUser = "urn:ietf:params:scim:schemas:core:2.0:User";
const coreGroup = "urn:ietf:params:scim:schemas:core:2.0:Group";
const resourcesOf = (list: JsonObject) => list.Resources as JsonObject[];

it("lists the schemas, each at an address of its own", () => {
  const list = schemaList(baseUrl);
  expect(list).toMatchObject({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    totalResults: 3,
    itemsPerPage: 3,
    startIndex: 1,
  });
  expect(resourcesOf(list).map(({ id }) => id)).toEqual([coreUser, enterpriseUrn, coreGroup]);
  for (const schema of resourcesOf(list)) {
    expect(schema.meta).toEqual({ resourceType: "Schema", location: `${baseUrl}/Schemas/${schema.id}` });
    expect(schemaOf(baseUrl, String(schema.id).toUpperCase())).toEqual(schema);
  }
  expect(schemaOf(baseUrl, "urn:x")).toBeUndefined();
});

it("lists the resource types with their extensions", () => {
  const [user, group] = resourcesOf(resourceTypeList(baseUrl));
  expect(user).toMatchObject({
    id: "User",
    name: "User",
    endpoint: "/Users",
    schema: coreUser,
    schemaExtensions: [{ schema: enterpriseUrn, required: false }],
    meta: { resourceType: "ResourceType", location: `${baseUrl}/ResourceTypes/User` },
  });
  expect(group).toMatchObject({ id: "Group", endpoint: "/Groups", schema: coreGroup });
  expect(group).not.toHaveProperty("schemaExtensions");
  expect(resourceTypeOf(baseUrl, "User")).toEqual(user);
  expect(resourceTypeOf(baseUrl, "Role")).toBeUndefined();
});

it("says what is supported", () => {
  expect(serviceProviderConfig(baseUrl)).toMatchObject({
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 1000, maxPayloadSize: 4_194_304 },
    filter: { supported: true, maxResults: 1000 },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: "index",
      defaultPageSize: 100,
      maxPageSize: 1000,
      cursorTimeout: 3600,
    },
    authenticationSchemes: [{ type: "oauthbearertoken", primary: true }],
    meta: { location: `${baseUrl}/ServiceProviderConfig` },
  });
});

describe("every attribute of a schema", () => {
  type Described = { schema: string; path: string; attribute: JsonObject };
  const described = (schema: string, attribute: JsonObject, above = ""): Described[] => {
    const path = `${above}${attribute.name}`;
    const subs = (attribute.subAttributes ?? []) as JsonObject[];
    return [{ schema, path, attribute }, ...subs.flatMap((sub) => described(schema, sub, `${path}.`))];
  };
  const all = resourcesOf(schemaList(baseUrl)).flatMap(({ id, attributes }) =>
    (attributes as JsonObject[]).flatMap((attribute) => described(String(id), attribute)),
  );

  it.each(all)("$schema:$path has the characteristics of RFC 7643 §7, and no null", ({ attribute }) => {
    expect(attribute).toMatchObject({
      name: expect.stringMatching(/^[a-z][A-Za-z]+$/),
      type: expect.stringMatching(/^(string|boolean|complex)$/),
      description: expect.stringMatching(/\.$/),
      multiValued: expect.any(Boolean),
      required: expect.any(Boolean),
      caseExact: expect.any(Boolean),
      mutability: expect.stringMatching(/^(readWrite|immutable)$/),
      returned: "default",
      uniqueness: expect.stringMatching(/^(none|server)$/),
    });
    expect(attribute).not.toHaveProperty("text");
    expect(JSON.stringify(attribute)).not.toContain("null");
  });

  it.each(all)("$schema:$path is found by its path", ({ schema, path }) => {
    const type = schema === coreGroup ? groupType : userType;
    expect(findAttribute(type, `${schema}:${path}`.toUpperCase().replace("URN:", "urn:")).is).toBe("kept");
  });

  it("is kept when it is sent", () => {
    const sampleOf = (attribute: JsonObject): JsonObject[string] => {
      const subs = (attribute.subAttributes ?? []) as JsonObject[];
      const one =
        attribute.type === "complex"
          ? Object.fromEntries(
              subs.map((sub) => [
                String(sub.name),
                sub.type === "string" && attribute.name === "emails" && sub.name === "value"
                  ? "a@example.com"
                  : sampleOf(sub),
              ]),
            )
          : attribute.type === "boolean"
            ? true
            : "x";
      return attribute.multiValued ? [one] : one;
    };
    const [user, enterprise] = [schemaOf(baseUrl, coreUser)!, schemaOf(baseUrl, enterpriseUrn)!];
    const sent = (schema: JsonObject) =>
      Object.fromEntries(
        (schema.attributes as JsonObject[]).map((attribute) => [String(attribute.name), sampleOf(attribute)]),
      );
    const body = { ...sent(user), [enterpriseUrn]: sent(enterprise) };
    expect(readCreation(userType, body).attributes).toEqual(body);
  });
});

it("keeps what the default mapping sends, so that one Usher can feed another", () => {
  for (const { target } of defaultMapping)
    expect([target, findAttribute(userType, target).is]).toEqual([target, "kept"]);
});

it("advertises neither a password nor what is not kept", () => {
  expect(JSON.stringify(schemaList(baseUrl))).not.toMatch(/password"|"display"|nickName|"formatted"|\$ref/);
});
