import { isObject, omit } from "../../common/objects.ts";
import type { ScimPath } from "../../mapping/scim-path.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";

/** The value of an attribute of a resource, as it is kept; undefined where there is none. */
export const valueAt = (attributes: JsonObject, { urn, attribute, sub }: ScimPath): JsonValue | undefined => {
  const holder = urn === undefined ? attributes : attributes[urn];
  const value = isObject(holder) ? holder[attribute] : undefined;
  if (sub === undefined) return value;
  return isObject(value) ? value[sub] : undefined;
};

/** The attributes with that value at the path; undefined takes it away, and what holds nothing any more with it. */
export const withValueAt = (
  attributes: JsonObject,
  path: ScimPath,
  value: JsonValue | undefined,
): JsonObject => withKeys(attributes, keysOf(path), value);

const keysOf = ({ urn, attribute, sub }: ScimPath): string[] =>
  [urn, attribute, sub].filter((key) => key !== undefined);

const withKeys = (
  object: JsonObject,
  [key = "", ...further]: string[],
  value: JsonValue | undefined,
): JsonObject => {
  if (further.length === 0) return value === undefined ? omit(object, key) : { ...object, [key]: value };
  const inner = object[key];
  const changed = withKeys(isObject(inner) ? inner : {}, further, value);
  return Object.keys(changed).length === 0 ? omit(object, key) : { ...object, [key]: changed };
};
