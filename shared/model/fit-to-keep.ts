import type { JsonValue } from "./json.ts";
import { storable } from "./storable.ts";

/** As much as a directory user's own values may hold. */
const longestBytes = 10_240;
const keptChars = 1_000;

/**
 * A provider's value that differs from what is wanted, fit to be kept: intents and links hold nothing else of what a
 * provider shows, and with more of it, or with what the table cannot keep, they could not be written. A value that was cut
 * still differs from what is wanted, and is replaced or cleared. A list stays one: it is cleared as such.
 */
export const fitToKeep = (shown: JsonValue): JsonValue => {
  const value = storable(shown);
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) <= longestBytes) return value;
  const text = typeof value === "string" ? value : json;
  const cut = `${text.slice(0, keptChars).toWellFormed()}… (cut: ${text.length} characters)`;
  return Array.isArray(value) ? [cut] : cut;
};
