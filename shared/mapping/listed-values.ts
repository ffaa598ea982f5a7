import { isObject } from "../common/objects.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import { textOrAbsent } from "./directory-source.ts";
import { readKey } from "./remote-attributes.ts";

const textAt = (element: JsonObject, name: string): string | undefined => {
  const value = readKey(element, name);
  return typeof value === "string" || typeof value === "number" ? textOrAbsent(String(value)) : undefined;
};

const elementsOf = (list: JsonValue | undefined): JsonObject[] =>
  (Array.isArray(list) ? list : []).flatMap((one) => {
    if (isObject(one)) return [one];
    return typeof one === "string" ? [{ value: one }] : [];
  });

/**
 * The one value that a list was made of: the primary one, else that of type work, else the first. `others` are types that
 * other rows give.
 */
export const chosenValue = (list: JsonValue[], others: readonly string[]): string | undefined => {
  const isOther = (type: string) => others.some((other) => other.toLowerCase() === type.toLowerCase());
  const own = elementsOf(list).filter((one) => !isOther(textAt(one, "type") ?? ""));
  const isWork = (one: JsonObject) => textAt(one, "type")?.toLowerCase() === "work";
  const chosen = own.find((one) => readKey(one, "primary") === true) ?? own.find(isWork) ?? own[0];
  return chosen && textAt(chosen, "value");
};

/** Of numbers without a type nobody knows what they are for; the directory wants one. */
export const listedPhoneNumbers = (list: JsonValue | undefined): JsonValue | undefined => {
  const numbers = elementsOf(list).flatMap((one) => {
    const number = textAt(one, "value");
    return number === undefined ? [] : [{ type: textAt(one, "type") ?? "other", number }];
  });
  return numbers.length > 0 ? numbers : undefined;
};

const parts = ["streetAddress", "locality", "region", "postalCode", "country"];

export const listedAddresses = (list: JsonValue | undefined): JsonValue | undefined => {
  const addresses = elementsOf(list).flatMap((one) => {
    const told = parts.flatMap((part) => {
      const text = textAt(one, part);
      return text === undefined ? [] : [[part, text] as const];
    });
    const type = textAt(one, "type");
    return told.length === 0 ? [] : [{ ...(type !== undefined && { type }), ...Object.fromEntries(told) }];
  });
  return addresses.length > 0 ? addresses : undefined;
};

/** The values of all elements. */
export const valuesOf = (list: JsonValue[]): string[] =>
  elementsOf(list).flatMap((one) => textAt(one, "value") ?? []);
