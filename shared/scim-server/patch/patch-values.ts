import { isObject, omit, present } from "../../common/objects.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { badRequest } from "../errors/scim-error.ts";
import type { Filter } from "../filter/filter.ts";
import { matchesElement } from "../filter/matches.ts";
import { checkedList } from "../resources/list-of-values.ts";
import { readElement, readParts, readValue } from "../resources/read-value.ts";
import type { Attribute } from "../schemas/attribute.ts";
import { elementThatFits } from "./equal-terms.ts";
import type { Operation } from "./read-operations.ts";

type Target = { attribute: Attribute; sub?: Attribute; filter?: Filter };

/**
 * The values of a multi-valued attribute after an operation; undefined where none is left. Where a filter finds nothing,
 * `add` and `replace` make the value that it asks for: RFC 7644 §3.5.2.3 would refuse the `replace`, and Entra relies on
 * it.
 *
 * @throws ScimError
 */
export const patchValues = (
  current: JsonObject[],
  operation: Operation,
  target: Target,
): JsonObject[] | undefined => {
  const list =
    target.filter === undefined && target.sub === undefined
      ? patchWhole(current, operation, target.attribute)
      : operation.op === "remove"
        ? removeFrom(current, target)
        : changeSome(current, operation.value ?? null, target);
  return checkedList(target.attribute, list);
};

const listOf = (value: JsonValue | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

const patchWhole = (
  current: JsonObject[],
  { op, value = null }: Operation,
  attribute: Attribute,
): JsonObject[] => {
  const given = listOf(readValue(attribute, attribute.name, value));
  if (op === "replace") return given;
  if (op === "add") return withOnePrimary([...current, ...given], new Set(given));
  if (value === null) return [];
  // Entra and OneLogin list what is to go.
  return current.filter((one) => !given.some((gone) => fits(one, gone)));
};

/** Whether it has all that is said of `asked`. */
const fits = (one: JsonObject, asked: JsonObject): boolean =>
  Object.entries(asked).every(([part, value]) => one[part] === value);

const chosenBy =
  ({ filter }: Target) =>
  (one: JsonObject): boolean =>
    filter === undefined || matchesElement(filter, one);

const removeFrom = (current: JsonObject[], target: Target): JsonObject[] => {
  const isChosen = chosenBy(target);
  const { sub } = target;
  if (sub === undefined) return current.filter((one) => !isChosen(one));
  return current.map((one) => (isChosen(one) ? omit(one, sub.name) : one));
};

const changeSome = (current: JsonObject[], value: JsonValue, target: Target): JsonObject[] => {
  const { attribute, sub, filter } = target;
  if (filter === undefined && current.length > 1)
    throw badRequest(
      "invalidPath",
      `${attribute.name} has several values: say which one, as in ${attribute.name}[type eq "work"].${sub?.name}.`,
    );
  const parts = partsSaid(attribute, value, sub);
  const isChosen = chosenBy(target);
  const chosen = new Set(current.filter(isChosen));
  if (chosen.size === 0) {
    const made = newElement(target, parts);
    return withOnePrimary([...current, made], new Set([made]));
  }
  const changed = new Map([...chosen].map((one) => [one, present({ ...one, ...parts }) as JsonObject]));
  return withOnePrimary(
    current.map((one) => changed.get(one) ?? one),
    new Set(changed.values()),
  );
};

/** What an operation says of each value that it chooses; a part that it clears is undefined. */
const partsSaid = (
  attribute: Attribute,
  value: JsonValue,
  sub: Attribute | undefined,
): Record<string, JsonValue | undefined> => {
  if (sub) return { [sub.name]: readValue(sub, `${attribute.name}.${sub.name}`, value) };
  const [only = null, ...others] = Array.isArray(value) ? value : [value];
  if (others.length > 0)
    throw badRequest("invalidValue", `${attribute.name}[…] takes one value, and was given several.`);
  return readParts(attribute, attribute.name, only);
};

const newElement = (
  { attribute, filter }: Target,
  parts: Record<string, JsonValue | undefined>,
): JsonObject => {
  const asked = filter === undefined ? {} : elementThatFits(filter);
  if (asked === undefined)
    throw badRequest(
      "noTarget",
      `No value of ${attribute.name} fits the path, and none can be made of a filter that has more than eq and and.`,
    );
  return readElement(attribute, attribute.name, present({ ...asked, ...parts }) as JsonObject);
};

/** What becomes the primary value takes that from the others (RFC 7644 §3.5.2). */
const withOnePrimary = (list: JsonObject[], touched: Set<JsonObject>): JsonObject[] => {
  if (![...touched].some(({ primary }) => primary === true)) return list;
  return list.map((one) => (one.primary === true && !touched.has(one) ? { ...one, primary: false } : one));
};
