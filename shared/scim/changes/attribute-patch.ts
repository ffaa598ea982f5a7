import { isObject } from "../../common/objects.ts";
import { readKey } from "../../mapping/remote-attributes.ts";
import { formatAttribute, parseScimPath } from "../../mapping/scim-path.ts";
import type { AttributeChange } from "../../model/attributes.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { equals } from "../messages/filter.ts";
import { setPath } from "../messages/resource.ts";
import { shapeOf, type Wording } from "./wording.ts";

type SetOperation = { op: "add" | "replace"; path: string; value: JsonValue };

/**
 * Operations of a PATCH for the changed paths only, said as `wording` has it: by path one operation each, as AWS wants
 * it, and without a path one operation with all values nested, as strongDM documents it. A cleared attribute is a
 * `remove` of its path, since null and "" are refused by some, or an empty value where that is the way. `whole` is the
 * resource as far as it is known, for what goes with all that its parent holds.
 */
export const attributeOperations = (
  changes: AttributeChange[],
  wording: Wording,
  whole: JsonObject,
): JsonObject[] => {
  const sets: SetOperation[] = [];
  const removals: JsonObject[] = [];
  for (const { path, from, to } of changes) {
    const op = from === undefined ? wording.missing : "replace";
    if (to !== undefined) sets.push({ op, path, value: to });
    else if (wording.clear === "empty") sets.push({ op, path, value: Array.isArray(from) ? [] : "" });
    else removals.push({ op: "remove", path: wholeManager(path).target });
  }
  const nested = sets.filter(({ path }) => isNested(path, wording));
  const named = sets.filter(({ path }) => !isNested(path, wording));
  return [
    ...nest("replace", nested, wording, whole),
    ...nest("add", nested, wording, whole),
    ...named.map(({ op, path, value }) => {
      const { target, wrap } = wholeManager(path);
      return { op, path: target, value: wrap ? { value } : value };
    }),
    ...removals,
  ];
};

const isNested = (path: string, wording: Wording): boolean => {
  const way = wording[shapeOf(path)];
  return way !== "path" && way !== "dotted";
};

/** One operation without a path. */
const nest = (
  op: "add" | "replace",
  sets: SetOperation[],
  { part }: Wording,
  whole: JsonObject,
): JsonObject[] => {
  const chosen = sets.filter((one) => one.op === op);
  if (chosen.length === 0) return [];
  const value: JsonObject = {};
  const copied = new Set<string>();
  for (const { path } of chosen) {
    const { urn, attribute, sub } = parseScimPath(path) ?? { attribute: path };
    const parent = readKey(whole, attribute);
    if (part !== "whole" || urn !== undefined || sub === undefined || !isObject(parent)) continue;
    value[attribute] = structuredClone(parent);
    copied.add(attribute);
  }
  // A copied parent holds what the other operation changes of it, too, which would else be undone.
  const isTold = (one: SetOperation) => {
    const { urn, attribute } = parseScimPath(one.path) ?? { attribute: one.path };
    return one.op === op || (urn === undefined && copied.has(attribute));
  };
  for (const { path, value: set } of sets.filter(isTold)) setPath(value, path, set);
  return [{ op, value }];
};

/**
 * The manager goes as a whole: `…:manager.value` finds no target on some servers while there is no manager yet, and
 * `value` is all of it that may be written (RFC 7643 §4.3).
 */
const wholeManager = (path: string): { target: string; wrap: boolean } =>
  path.endsWith(":manager.value")
    ? { target: path.slice(0, -".value".length), wrap: true }
    : { target: path, wrap: false };

/**
 * Elements of a list, each to be removed by a filter for the first of its sub-attributes that no wanted element has too.
 * Without such a one an element cannot be told from what is to stay, and is left.
 */
export const elementRemovals = ({ path, to }: AttributeChange, elements: JsonObject[]): JsonObject[] => {
  const list = formatAttribute(parseScimPath(path) ?? { attribute: path });
  const kept = (Array.isArray(to) ? to : []).filter(isObject);
  const isOfKept = (sub: string, text: string) =>
    kept.some((one) => String(readKey(one, sub) ?? "").toLowerCase() === text.toLowerCase());
  return elements.flatMap((element) => {
    const { value, ...rest } = element;
    const subs = Object.entries({ ...(value !== undefined && { value }), ...rest });
    for (const [sub, text] of subs)
      if (typeof text === "string" && text !== "" && !isOfKept(sub, text))
        return [{ op: "remove", path: `${list}[${equals(sub, text)}]` }];
    return [];
  });
};
