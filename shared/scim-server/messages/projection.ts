import { isObject } from "../../common/objects.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { findAttribute } from "../schemas/find-attribute.ts";
import type { ResourceType } from "../schemas/resource-types.ts";

/**
 * Which attributes are shown (RFC 7644 §3.9), by their names in any form: `attributes` and no others, or all but
 * `excludedAttributes`; without either, all. Names that nobody knows ask for nothing.
 */
export type Projection = { attributes?: readonly string[]; excludedAttributes?: readonly string[] };

/** The resource with what is asked for. `schemas` and `id` are always shown. */
export const project = (type: ResourceType, resource: JsonObject, projection: Projection): JsonObject => {
  const { attributes, excludedAttributes = [] } = projection;
  const without = drop(resource, pathsOf(type, excludedAttributes));
  return attributes === undefined ? without : pick(without, pathsOf(type, attributes));
};

/** Whether members are shown, so that they need to be read. */
export const showsMembers = (type: ResourceType, projection: Projection): boolean =>
  "members" in project(type, { members: [{ value: "x", type: "User" }] }, projection);

/** Keys from the top: `["name", "givenName"]`, or the URN of an extension first. */
type KeyPath = readonly string[];

const alwaysShown: ReadonlySet<string> = new Set(["schemas", "id"]);

const pathsOf = (type: ResourceType, names: readonly string[]): KeyPath[] =>
  names.flatMap((name): KeyPath[] => {
    const urn = name.toLowerCase();
    if (urn === type.schema.id.toLowerCase()) return type.schema.attributes.map((one) => [one.name]);
    const whole = type.extensions.find(({ id }) => id.toLowerCase() === urn);
    if (whole) return [[whole.id]];
    const found = findAttribute(type, name);
    if (found.is !== "kept") return [];
    const { extension, attribute, sub } = found.ref;
    return [[...(extension === undefined ? [] : [extension]), attribute.name, ...(sub ? [sub.name] : [])]];
  });

/** What each key leads to: the paths below it, or the whole of it where one ends there. */
const byFirstKey = (paths: readonly KeyPath[]): Map<string, KeyPath[] | "whole"> => {
  const below = new Map<string, KeyPath[] | "whole">();
  for (const [key = "", ...rest] of paths) {
    const known = below.get(key) ?? [];
    if (rest.length === 0 || known === "whole") below.set(key, "whole");
    else below.set(key, [...known, rest]);
  }
  return below;
};

const onEach = (value: JsonValue, change: (object: JsonObject) => JsonObject): JsonValue => {
  if (!Array.isArray(value)) return isObject(value) ? change(value) : value;
  return value.map((one) => (isObject(one) ? change(one) : one)).filter((one) => !isEmpty(one));
};

const isEmpty = (value: JsonValue): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

const pick = (object: JsonObject, paths: KeyPath[], always = alwaysShown): JsonObject => {
  const wanted = byFirstKey(paths);
  return changeEach(object, (key, value) => {
    const below = always.has(key) ? "whole" : wanted.get(key);
    if (below === undefined || below === "whole") return below && value;
    return onEach(value, (part) => pick(part, below, new Set()));
  });
};

const drop = (object: JsonObject, paths: KeyPath[], always = alwaysShown): JsonObject => {
  const unwanted = byFirstKey(paths);
  return changeEach(object, (key, value) => {
    const below = always.has(key) ? undefined : unwanted.get(key);
    if (below === undefined) return value;
    return below === "whole" ? undefined : onEach(value, (part) => drop(part, below, new Set()));
  });
};

/** What is left without anything in it goes, too. */
const changeEach = (
  object: JsonObject,
  change: (key: string, value: JsonValue) => JsonValue | undefined,
): JsonObject =>
  Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => {
      const changed = change(key, value);
      return changed === undefined || (changed !== value && isEmpty(changed)) ? [] : [[key, changed]];
    }),
  );
