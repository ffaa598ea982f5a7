/** The User schema (RFC 7643 §4.1) and its extensions, as far as a mapping needs it: spelling, shape, who may write. */

export const coreUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
/** RFC 7643 §4.3. */
export const enterpriseUrn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

export type AttributeShape = {
  /** The RFC's spelling. */
  name: string;
  kind: "text" | "boolean" | "complex" | "multi-valued";
  subAttributes: readonly string[];
};

const text = (name: string): AttributeShape => ({ name, kind: "text", subAttributes: [] });
/** What every element of a multi-valued attribute may have (RFC 7643 §2.4). */
export const elementSubAttributes = ["value", "display", "type", "primary"];

const plural = (name: string): AttributeShape => ({
  name,
  kind: "multi-valued",
  subAttributes: elementSubAttributes,
});
const complex = (name: string, subAttributes: string[]): AttributeShape => ({
  name,
  kind: "complex",
  subAttributes,
});

const core: AttributeShape[] = [
  ...["id", "externalId", "userName", "displayName", "nickName", "profileUrl", "title", "userType"].map(text),
  ...["preferredLanguage", "locale", "timezone", "password"].map(text),
  { name: "active", kind: "boolean", subAttributes: [] },
  complex("name", [
    "formatted",
    "familyName",
    "givenName",
    "middleName",
    "honorificPrefix",
    "honorificSuffix",
  ]),
  complex("meta", ["resourceType", "created", "lastModified", "location", "version"]),
  ...["schemas", "groups", "emails", "phoneNumbers", "ims", "photos", "entitlements", "roles"].map(plural),
  plural("x509Certificates"),
  {
    name: "addresses",
    kind: "multi-valued",
    subAttributes: [
      ...["formatted", "streetAddress", "locality", "region", "postalCode", "country"],
      ...["type", "primary"],
    ],
  },
];

const enterprise: AttributeShape[] = [
  ...["employeeNumber", "costCenter", "organization", "division", "department"].map(text),
  complex("manager", ["value", "displayName"]),
];

const byName = (shapes: AttributeShape[]) =>
  new Map(shapes.map((shape) => [shape.name.toLowerCase(), shape]));
const coreByName = byName(core);
const enterpriseByName = byName(enterprise);

/** The shape of an attribute of the core (no URN) or enterprise schema; names are case-insensitive (RFC 7643 §2.1). */
export const findShape = (urn: string | undefined, attribute: string): AttributeShape | undefined => {
  if (urn === undefined) return coreByName.get(attribute.toLowerCase());
  return urn === enterpriseUrn ? enterpriseByName.get(attribute.toLowerCase()) : undefined;
};

/** The names of all attributes of the core (no URN) or enterprise schema that may be written. */
export const namesIn = (urn: string | undefined): string[] =>
  [...(urn === undefined ? core : enterprise)]
    .map(({ name }) => name)
    .filter((name) => name !== "password" && !isReadOnly(urn, name, undefined));

/**
 * Set by the service provider alone: `id`, `meta`, `schemas` (RFC 7643 §3), `groups` (§4.1.2), the manager's name
 * (§4.3).
 */
export const isReadOnly = (urn: string | undefined, attribute: string, sub: string | undefined): boolean =>
  urn === undefined
    ? ["id", "meta", "schemas", "groups"].includes(attribute)
    : urn === enterpriseUrn && attribute === "manager" && sub === "displayName";
