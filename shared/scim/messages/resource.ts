import { isObject } from "../../common/objects.ts";
import { findKey, readKey } from "../../mapping/remote-attributes.ts";
import { parseScimPath } from "../../mapping/scim-path.ts";
import type { Attributes } from "../../model/attributes.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
export const groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";

/** The object under `key`, made where there is none. */
const objectUnder = (holder: JsonObject, name: string): JsonObject => {
  const key = findKey(holder, name) ?? name;
  const existing = holder[key];
  // A number that is kept as text is an object to JavaScript, and can hold nothing.
  if (Object.hasOwn(holder, key) && isObject(existing) && Object.isExtensible(existing)) return existing;
  const made: JsonObject = {};
  holder[key] = made;
  return made;
};

/** Set one path of a nested resource; `undefined` takes the attribute out. Existing keys keep their case. */
export const setPath = (resource: JsonObject, path: string, value: JsonValue | undefined): void => {
  const { urn, attribute, sub } = parseScimPath(path) ?? { attribute: path };
  const holder = urn === undefined ? resource : objectUnder(resource, urn);
  const target = sub === undefined ? holder : objectUnder(holder, attribute);
  const name = sub ?? attribute;
  const key = findKey(target, name) ?? name;
  if (value === undefined) delete target[key];
  else target[key] = value;
};

/** Flat attributes as SCIM nests them: `name.givenName` under `name`, extensions under their URN (RFC 7643 §3.3). */
export const nest = (attributes: Attributes): JsonObject => {
  const resource: JsonObject = {};
  for (const [path, value] of Object.entries(attributes)) setPath(resource, path, value);
  return resource;
};

/** null, [] and absent are equal (RFC 7643 §2.5), yet some providers refuse null and "" on create: leave them out. */
const isSendable = (value: JsonValue): boolean =>
  value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);

/** The extension URNs that these paths use, each once. */
export const extensionsOf = (paths: string[]): string[] => [
  ...new Set(paths.flatMap((path) => parseScimPath(path)?.urn ?? [])),
];

/** A new user as it is sent: `schemas` names the core schema and each extension in use. */
export const userResource = (attributes: Attributes): JsonObject => {
  const sendable = Object.fromEntries(Object.entries(attributes).filter(([, value]) => isSendable(value)));
  return { schemas: [userSchema, ...extensionsOf(Object.keys(sendable))], ...nest(sendable) };
};

/** `schemas` of a resource with these extensions named as well; some providers show a single text. */
export const addSchemas = (resource: JsonObject, extensions: string[]): void => {
  const shown = readKey(resource, "schemas");
  const known = (Array.isArray(shown) ? shown : [shown]).filter((one) => typeof one === "string");
  setPath(resource, "schemas", [...new Set([...(known.length > 0 ? known : [userSchema]), ...extensions])]);
};
