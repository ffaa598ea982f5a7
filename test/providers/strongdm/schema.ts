import { refusal } from "./errors.ts";

export const USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";
export const ENTERPRISE_SCHEMA = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group";

/** A JSON object. */
export type Json = Record<string, unknown>;

/** What the server knows of one attribute; also the source of `/Schemas`. */
export type Attribute = {
  name: string;
  type: "string" | "boolean" | "complex";
  multiValued?: true;
  required?: true;
  readOnly?: true;
  sub?: readonly Attribute[];
};

const string = (name: string): Attribute => ({ name, type: "string" });
const values = (name: string, ...sub: string[]): Attribute => ({
  name,
  type: "complex",
  multiValued: true,
  sub: [...["value", "display", "type", ...sub].map(string), { name: "primary", type: "boolean" }],
});

export const USER_ATTRIBUTES: readonly Attribute[] = [
  { name: "userName", type: "string", required: true },
  {
    name: "name",
    type: "complex",
    required: true,
    sub: [
      { name: "givenName", type: "string", required: true },
      { name: "familyName", type: "string", required: true },
      ...["formatted", "middleName", "honorificPrefix", "honorificSuffix"].map(string),
    ],
  },
  { name: "active", type: "boolean", required: true },
  ...["displayName", "externalId", "locale", "nickName", "preferredLanguage"].map(string),
  ...["profileUrl", "timezone", "title", "userType"].map(string),
  values("emails"),
  values("entitlements"),
  values("phoneNumbers"),
  values("addresses", "formatted", "streetAddress", "locality", "region", "postalCode", "country"),
  { ...values("groups"), readOnly: true },
];

export const ENTERPRISE_ATTRIBUTES: readonly Attribute[] = [
  ...["employeeNumber", "costCenter", "organization", "division", "department"].map(string),
  {
    name: "manager",
    type: "complex",
    sub: [string("value"), string("$ref"), { name: "displayName", type: "string", readOnly: true }],
  },
];

export const GROUP_ATTRIBUTES: readonly Attribute[] = [
  { name: "displayName", type: "string", required: true },
  {
    name: "members",
    type: "complex",
    multiValued: true,
    required: true,
    sub: ["value", "display"].map(string),
  },
];

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Attribute names are case-insensitive (RFC 7643 §2.1). */
export function findAttribute(attributes: readonly Attribute[], name: string): Attribute | undefined {
  return attributes.find((attribute) => attribute.name.toLowerCase() === name.toLowerCase());
}

/**
 * A resource as sent, reduced to what the server knows: unknown and read-only attributes are dropped, names
 * brought to their usual case, null counts as absent (RFC 7643 §2.5).
 */
export function readAttributes(attributes: readonly Attribute[], raw: Json): Json {
  const read: Json = {};
  for (const [name, value] of Object.entries(raw)) {
    const attribute = findAttribute(attributes, name);
    if (attribute === undefined || attribute.readOnly || value === null) continue;
    read[attribute.name] = readValue(attribute, value);
  }
  requireAttributes(attributes, read);
  return read;
}

/** One value of the right type, else 400. Booleans must be JSON booleans: "False" is refused. */
export function readValue(attribute: Attribute, value: unknown): unknown {
  if (!attribute.multiValued) return readSingle(attribute, value);
  if (!Array.isArray(value)) throw refusal("invalidValue");
  return value.map((item) => readSingle(attribute, item));
}

function readSingle(attribute: Attribute, value: unknown): unknown {
  if (attribute.type === "complex") {
    if (!isObject(value)) throw refusal("invalidValue");
    // Required sub-attributes are looked for in the finished resource: a PATCH may send one alone.
    return readAttributes((attribute.sub ?? []).map(optional), value);
  }
  if (typeof value !== attribute.type) throw refusal("invalidValue");
  return value;
}

/** Refuses a resource that lacks a required attribute or sub-attribute. */
export function requireAttributes(attributes: readonly Attribute[], resource: Json): void {
  for (const attribute of attributes) {
    const value = resource[attribute.name];
    if (value === undefined && attribute.required) throw refusal("invalidValue");
    if (isObject(value)) requireAttributes(attribute.sub ?? [], value);
  }
}

/** Refuses a body without the resource's schema: only newer versions of the library do, but the guide requires it. */
export function requireSchema(body: Json, schema: string): void {
  const { schemas } = body;
  if (!Array.isArray(schemas) || !schemas.includes(schema)) throw refusal("invalidSyntax");
}

function optional(attribute: Attribute): Attribute {
  const { required: _, ...rest } = attribute;
  return rest;
}
