import { isWholeId } from "../../common/parse-json.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";

/** In ECMAScript since Node 22, and not yet in TypeScript's library: a number that is written as this text. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): JsonValue };

/** Only where one of these is there may a number not be written back as it came. */
const mayBeInexact = /[:[,]\s*-?(?:\d+[.eE]|\d{16}|0)/;

const keepText = (key: string, value: JsonValue, context?: { source?: string }): JsonValue => {
  const source = context?.source ?? "";
  if (typeof value !== "number" || JSON.stringify(value) === source) return value;
  return isWholeId(key, value, source) ? source : rawJSON(source);
};

/**
 * The JSON object of a text that was read before, to be written back: numbers that a double does not hold, or that
 * JavaScript writes in another way, keep the text that they came as. Such a value is frozen, and is no number to this
 * code.
 */
export const withExactNumbers = (text: string): JsonObject =>
  mayBeInexact.test(text) ? JSON.parse(text, keepText) : JSON.parse(text);
