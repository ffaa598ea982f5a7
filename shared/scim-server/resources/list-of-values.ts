import type { JsonObject } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import type { Attribute } from "../schemas/attribute.ts";

/** As many as the directory holds of telephone numbers and addresses. */
const maxValues = 20;

const saysSomething = (element: JsonObject): boolean =>
  Object.keys(element).some((part) => part !== "type" && part !== "primary");

/**
 * The values of an attribute as they are kept: none that says nothing but its type, none twice (RFC 7643 §2.4); undefined
 * where none is left.
 *
 * @throws ScimError `invalidValue` where they are too many, or several are the primary one
 */
export const checkedList = ({ name }: Attribute, elements: JsonObject[]): JsonObject[] | undefined => {
  const distinct = new Map(elements.filter(saysSomething).map((one) => [JSON.stringify(one), one]));
  const list = [...distinct.values()];
  if (list.length > maxValues) throw badRequest("invalidValue", `${name} has more than ${maxValues} values.`);
  if (list.filter(({ primary }) => primary === true).length > 1)
    throw badRequest("invalidValue", `${name} has more than one value that is primary.`);
  return list.length > 0 ? list : undefined;
};
