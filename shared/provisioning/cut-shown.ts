import type { JsonValue } from "../model/json.ts";

/** As much as a directory user's own values may hold. */
const longestBytes = 10_240;
const keptChars = 1_000;

/**
 * A provider's value that differs from what is wanted, fit to be kept: an intent or a link with more of it may outgrow
 * an item of the store. Cut it differs all the same, and is replaced or cleared. A list stays one: it is cleared as such.
 */
export const cutShown = (value: JsonValue): JsonValue => {
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) <= longestBytes) return value;
  const text = typeof value === "string" ? value : json;
  const cut = `${text.slice(0, keptChars).toWellFormed()}… (cut: ${text.length} characters)`;
  return Array.isArray(value) ? [cut] : cut;
};
