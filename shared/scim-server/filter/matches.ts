import { isObject } from "../../common/objects.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { AttributeRef } from "../schemas/find-attribute.ts";
import { foldText } from "../schemas/fold-text.ts";
import type { Filter, Literal, Operator } from "./filter.ts";
import { instantOf, typeOf } from "./read-comparison.ts";

/**
 * Whether a resource, as it is shown, fits. Of an attribute with several values one has to fit, and for `ne` none may be
 * equal, so that it is the opposite of `eq` as it is for single ones.
 */
export const matches = (filter: Filter, resource: JsonObject): boolean =>
  holds(filter, (ref) => {
    const values = attributeValues(ref, resource);
    return ref.sub === undefined ? values : partsOf(values, ref.sub.name);
  });

/** Whether one value of a multi-valued attribute fits the filter in the brackets after it. */
export const matchesElement = (filter: Filter, element: JsonObject): boolean =>
  holds(filter, ({ sub }) => (sub === undefined ? [element] : partsOf([element], sub.name)));

type Read = (ref: AttributeRef) => JsonValue[];

const attributeValues = ({ extension, attribute }: AttributeRef, resource: JsonObject): JsonValue[] => {
  const holder = extension === undefined ? resource : resource[extension];
  const value = isObject(holder) ? holder[attribute.name] : undefined;
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
};

const partsOf = (values: JsonValue[], name: string): JsonValue[] =>
  values.filter(isObject).flatMap((one) => one[name] ?? []);

const holds = (filter: Filter, read: Read): boolean => {
  switch (filter.kind) {
    case "and":
      return filter.terms.every((term) => holds(term, read));
    case "or":
      return filter.terms.some((term) => holds(term, read));
    case "not":
      return !holds(filter.of, read);
    case "present":
      return read(filter.ref).some(isPresent);
    case "element":
      return read(filter.ref).some((one) => isObject(one) && matchesElement(filter.of, one));
    case "compare":
      return compares(filter, read(filter.ref).filter(isPresent));
  }
};

const isPresent = (value: JsonValue): boolean =>
  isObject(value) ? Object.keys(value).length > 0 : value !== "" && value !== null;

const compares = (
  { ref, operator, literal }: Extract<Filter, { kind: "compare" }>,
  values: JsonValue[],
): boolean => {
  if (literal === null) return (operator === "eq") === (values.length === 0);
  if (operator === "ne") return !values.some((value) => test(ref, "eq", [value, literal]));
  return values.some((value) => test(ref, operator, [value, literal]));
};

const test = (ref: AttributeRef, operator: Operator, [value, literal]: [JsonValue, Literal]): boolean => {
  if (typeof value !== "string" || typeof literal !== "string") return operator === "eq" && value === literal;
  const characteristics = ref.sub ?? ref.attribute;
  const texts = [foldText(characteristics, value), foldText(characteristics, literal)] as const;
  if (operator === "co") return texts[0].includes(texts[1]);
  if (operator === "sw") return texts[0].startsWith(texts[1]);
  if (operator === "ew") return texts[0].endsWith(texts[1]);
  return isInOrder(operator, typeOf(ref) === "dateTime" ? [instantOf(value), instantOf(literal)] : texts);
};

type Ordered = readonly [string, string] | readonly [number | undefined, number | undefined];

const isInOrder = (operator: Operator, [one, other]: Ordered): boolean => {
  if (one === undefined || other === undefined) return false;
  if (operator === "eq") return one === other;
  if (operator === "gt") return one > other;
  if (operator === "ge") return one >= other;
  return operator === "lt" ? one < other : one <= other;
};
