import { isObject } from "../../common/objects.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";

/** The members of a JSON object by their names in lower case. Throws `invalidSyntax` where two differ in case alone. */
export const fieldsOf = (object: JsonObject): Map<string, JsonValue> => {
  const entries = Object.entries(object);
  const fields = new Map(entries.map(([name, value]) => [name.toLowerCase(), value]));
  if (fields.size < entries.length)
    throw badRequest("invalidSyntax", "The body names an attribute twice, in different case.");
  return fields;
};

/** The whole body, which has to be an object; throws `invalidSyntax`. */
export const bodyObject = (body: JsonValue | undefined): JsonObject => {
  if (isObject(body)) return body;
  throw badRequest("invalidSyntax", "The body has to be a JSON object.");
};
