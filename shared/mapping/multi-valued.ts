import { omit } from "../common/objects.ts";
import type { DirectoryUser } from "../model/directory.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import { textOrAbsent } from "./directory-source.ts";

/** The sub-attributes that have a value, in the order given; undefined where nothing but type and primary is left. */
const element = (entries: [string, JsonValue | undefined][]): JsonObject | undefined => {
  const present = entries.flatMap(([key, value]): [string, JsonValue][] =>
    value === undefined ? [] : [[key, value]],
  );
  const says = present.some(([key]) => key !== "type" && key !== "primary");
  return says ? Object.fromEntries(present) : undefined;
};

/** The same element twice is refused by strict providers (RFC 7643 §2.4: type and value SHOULD NOT repeat). */
export const distinct = (elements: (JsonObject | undefined)[]): JsonObject[] => {
  const byContent = new Map(
    elements.flatMap((one) => (one === undefined ? [] : [[JSON.stringify(one), one] as const])),
  );
  return [...byContent.values()];
};

/** `phoneNumbers` of RFC 7643 §4.1.2. */
export const phoneNumbersOf = (user: DirectoryUser): JsonObject[] =>
  distinct(
    (user.phoneNumbers ?? []).map(({ type, number }) =>
      element([
        ["type", textOrAbsent(type)],
        ["value", textOrAbsent(number)],
      ]),
    ),
  );

/** A bare number would read as a house number once it is a line of the street address. */
const poBoxLine = (poBox: string | undefined): string | undefined => {
  const line = textOrAbsent(poBox);
  return line !== undefined && /^\d+$/.test(line) ? `PO Box ${line}` : line;
};

/** `addresses` of RFC 7643 §4.1.2, whose `streetAddress` holds the P.O. box and further lines too. */
export const addressesOf = (user: DirectoryUser): JsonObject[] =>
  distinct(
    (user.addresses ?? []).map((address) => {
      const lines = [address.streetAddress, address.extendedAddress]
        .map(textOrAbsent)
        .concat(poBoxLine(address.poBox));
      return element([
        ["type", textOrAbsent(address.type)],
        ["streetAddress", textOrAbsent(lines.filter((line) => line !== undefined).join("\n"))],
        ["locality", textOrAbsent(address.locality)],
        ["region", textOrAbsent(address.region)],
        ["postalCode", textOrAbsent(address.postalCode)],
        ["country", textOrAbsent(address.country)],
      ]);
    }),
  );

/** A single value as the list that a multi-valued attribute is; an e-mail address is the primary one, of type work. */
export const listOf = (attribute: string, value: JsonValue): JsonObject[] =>
  attribute === "emails" ? [{ type: "work", value, primary: true }] : [{ value }];

const sameType = (one: JsonObject, type: string) =>
  typeof one.type === "string" && one.type.toLowerCase() === type.toLowerCase();

/**
 * Set a sub-attribute of the first element of a type, adding the element where there is none. Making one primary
 * takes it from the others, since at most one may be (RFC 7643 §2.4); it adds none, since it is no value by itself.
 */
export const withElement = (
  list: JsonObject[],
  type: string,
  sub: string,
  value: JsonValue,
): JsonObject[] => {
  const found = list.findIndex((one) => sameType(one, type));
  if (sub === "primary" && found === -1) return list;
  const at = found === -1 ? list.length : found;
  const others = sub === "primary" && value === true ? list.map((one) => omit(one, "primary")) : list;
  return others.toSpliced(
    at,
    1,
    Object.fromEntries([...Object.entries(others[at] ?? { type }), [sub, value]]),
  );
};
