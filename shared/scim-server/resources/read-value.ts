import { isObject, present } from "../../common/objects.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import { type Attribute, findSub } from "../schemas/attribute.ts";
import { fieldsOf } from "./fields.ts";
import { checkedList } from "./list-of-values.ts";
import { readText } from "./read-text.ts";

/**
 * The value of an attribute as it is kept: names in the RFC's spelling, booleans that came as texts made booleans, unknown
 * parts left out. Undefined where it is unassigned: null, "" and [] are (RFC 7643 §2.5), and so is a value that says
 * nothing but its type. `name` is what messages call it.
 *
 * @throws ScimError `invalidValue`
 */
export const readValue = (attribute: Attribute, name: string, value: JsonValue): JsonValue | undefined => {
  if (value === null || (value === "" && attribute.type === "complex")) return undefined;
  if (attribute.multiValued) {
    const list = Array.isArray(value) ? value : [value];
    return checkedList(
      attribute,
      list.map((one) => readElement(attribute, name, one)),
    );
  }
  if (attribute.type === "complex") {
    const parts = readElement(attribute, name, value);
    return Object.keys(parts).length > 0 ? parts : undefined;
  }
  return attribute.type === "boolean" ? readBoolean(name, value) : readText(attribute, name, value);
};

/** One value of parts. */
export const readElement = (attribute: Attribute, name: string, value: JsonValue): JsonObject =>
  present(readParts(attribute, name, value)) as JsonObject;

/** Each part that is named, in the schema's order; a part that is to be cleared is undefined. */
export const readParts = (
  attribute: Attribute,
  name: string,
  value: JsonValue,
): Record<string, JsonValue | undefined> => {
  const isReference = findSub(attribute, "value")?.text === "id";
  const object = isReference ? asReference(value) : value;
  if (!isObject(object)) throw badRequest("invalidValue", `${name} has to be an object.`);
  const fields = fieldsOf(object);
  const parts = attribute.subAttributes ?? [];
  return Object.fromEntries(
    parts.flatMap((sub) => {
      const given = fields.get(sub.name.toLowerCase());
      return given === undefined ? [] : [[sub.name, readValue(sub, `${name}.${sub.name}`, given)]];
    }),
  );
};

/** Entra sends "True" and "False". */
const readBoolean = (name: string, value: JsonValue): boolean => {
  if (typeof value === "boolean") return value;
  if (typeof value === "string" && /^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  throw badRequest("invalidValue", `${name} has to be true or false.`);
};

/** Entra sends a manager as the bare id, and used to send it in a list of one. */
const asReference = (value: JsonValue): JsonValue => {
  const one = Array.isArray(value) && value.length === 1 ? (value[0] ?? null) : value;
  return typeof one === "string" ? { value: one } : one;
};
