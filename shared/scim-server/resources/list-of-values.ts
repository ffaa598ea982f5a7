import type { JsonObject } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import type { Attribute } from "../schemas/attribute.ts";

/** As many as the directory holds of telephone numbers and addresses. */
const maxValues = 20;

const saysSomething = (element: JsonObject): boolean =>
  Object.keys(element).some((part) => part !== "type" && part !== "primary");

/** Two of one type and value are one (RFC 7643 §2.4), and two of no value where they have the same parts. */
const identityOf = (element: JsonObject): string =>
  JSON.stringify(
    element.value === undefined ? Object.entries(element).sort() : [element.type ?? null, element.value],
  );

const distinct = (elements: JsonObject[]): JsonObject[] => {
  const found = new Map<string, JsonObject>();
  for (const element of elements) {
    const identity = identityOf(element);
    found.set(identity, { ...found.get(identity), ...element });
  }
  return [...found.values()];
};

/**
 * The values of an attribute as they are kept: none that says nothing but its type, none twice, what the later one says
 * being what holds; undefined where none is left.
 *
 * @throws ScimError `invalidValue` where they are too many, or several are the primary one
 */
export const checkedList = ({ name }: Attribute, elements: JsonObject[]): JsonObject[] | undefined => {
  const list = distinct(elements.filter(saysSomething));
  if (list.length > maxValues) throw badRequest("invalidValue", `${name} has more than ${maxValues} values.`);
  if (list.filter(({ primary }) => primary === true).length > 1)
    throw badRequest("invalidValue", `${name} has more than one value that is primary.`);
  return list.length > 0 ? list : undefined;
};
