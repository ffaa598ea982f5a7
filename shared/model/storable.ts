import type { JsonValue } from "./json.ts";

const maxDepth = 12;
/** As a key, each stands for something else than a property, to JavaScript or to the marshaller of the table's SDK. */
const oddKeys = new Set(["", "__proto__", "constructor"]);

/**
 * JSON that the table can keep, whatever came in: a provider may show numbers that no double holds exactly, keys that
 * mean something to JavaScript, half a surrogate pair, or more levels than DynamoDB nests (32). What is changed differs
 * from what it was; its size is the caller's to bound.
 */
export const storable = (value: JsonValue, depth = 0): JsonValue => {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "number") return isStorable(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  // What is that deep is no attribute that a person reads.
  if (depth === maxDepth) return `[nested deeper than ${maxDepth} levels]`;
  if (Array.isArray(value)) return value.map((entry) => storable(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      oddKeys.has(key) ? `(${key || "empty"})` : key.toWellFormed(),
      storable(entry, depth + 1),
    ]),
  );
};

/** DynamoDB numbers have 38 digits and the SDK refuses what a double cannot hold exactly. */
const isStorable = (value: number): boolean =>
  Math.abs(value) <= Number.MAX_SAFE_INTEGER && (value === 0 || Math.abs(value) > 1e-100);
