import { isObject } from "../common/objects.ts";
import type { Attributes } from "../model/attributes.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import { parseScimPath, type ScimPath } from "./scim-path.ts";

/** The key under which `object` holds `name`; attribute names are case-insensitive (RFC 7643 §2.1). */
export const findKey = (object: JsonObject, name: string): string | undefined => {
  if (Object.hasOwn(object, name)) return name;
  const wanted = name.toLowerCase();
  return Object.keys(object).find((key) => key.toLowerCase() === wanted);
};

/** The value that `object` holds under `name`, whatever the case of its key. */
export const readKey = (object: JsonObject, name: string): JsonValue | undefined => {
  const key = findKey(object, name);
  return key === undefined ? undefined : object[key];
};

/** A plain value as text, as it is compared with a name or an id; "" for any other. */
export const asText = (value: JsonValue | undefined): string =>
  typeof value === "object" || value === undefined ? "" : String(value);

/** null, [] and absent are equal (RFC 7643 §2.5); an object without sub-attributes says as little. */
const isUnassigned = (value: JsonValue | undefined): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === "object" && (Array.isArray(value) ? value.length : Object.keys(value).length) === 0);

/** Some providers show `active` as "True" or "False". */
const asBoolean = (value: JsonValue | undefined): JsonValue | undefined =>
  typeof value === "string" && /^(true|false)$/i.test(value) ? value.toLowerCase() === "true" : value;

const readAt = (holder: JsonObject, { attribute, sub }: ScimPath): JsonValue | undefined => {
  const value = readKey(holder, attribute);
  if (sub === undefined) return attribute.toLowerCase() === "active" ? asBoolean(value) : value;
  if (isObject(value)) return readKey(value, sub);
  // Some providers show a reference such as `manager` as the bare id.
  const bare = typeof value === "string" || typeof value === "number";
  return bare && sub.toLowerCase() === "value" ? String(value) : undefined;
};

/**
 * One attribute of a resource as the provider shows it, nested or flattened under its whole path; undefined where
 * unassigned.
 */
export const readAttribute = (resource: JsonObject, path: string): JsonValue | undefined => {
  const parts = parseScimPath(path) ?? { attribute: path };
  const holder = parts.urn === undefined ? resource : readKey(resource, parts.urn);
  const nested = isObject(holder) ? readAt(holder, parts) : undefined;
  const value = isUnassigned(nested) ? readKey(resource, path) : nested;
  return isUnassigned(value) ? undefined : value;
};

/**
 * What a provider's resource holds at `paths`, in the form in which attributes are mapped and compared. Unassigned
 * ones have no key. Values are the provider's: an e-mail may lack the `type` that was sent, or have gained a `display`.
 */
export const remoteAttributes = (resource: JsonObject, paths: string[]): Attributes => {
  const attributes: Attributes = {};
  for (const path of paths) {
    const value = readAttribute(resource, path);
    if (value !== undefined) attributes[path] = value;
  }
  return attributes;
};
