import { isObject } from "../../common/objects.ts";
import { parseJson } from "../../common/parse-json.ts";
import { readKey } from "../../mapping/remote-attributes.ts";
import type { JsonValue } from "../../model/json.ts";
import { looksLikeMarkup } from "./answers.ts";

/** A provider's error, as far as it can be understood. */
type ScimError = { details: string[]; scimType?: string };

const maxWords = 1000;
/**
 * Enough to hold the words after redaction has shortened them, and little enough to be quick with a body of megabytes.
 */
const maxScanned = 8 * maxWords;

/** Where providers put their words: RFC 7644 §3.12, SCIM 1.1, problem documents, gateways, OAuth. */
const wordKeys = [
  "detail",
  "description",
  "message",
  "error_description",
  "errorMessage",
  "title",
  "error",
  "Errors",
];

const textsOf = (value: JsonValue | undefined, depth = 0): string[] => {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (depth > 3 || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.slice(0, 10).flatMap((one) => textsOf(one, depth + 1));
  for (const key of wordKeys) {
    const texts = textsOf(readKey(value, key), depth + 1);
    if (texts.length > 0) return texts;
  }
  return [];
};

const clean = (text: string, redact: (text: string) => string): string => {
  if (looksLikeMarkup(text)) return "answered HTML";
  const oneLine = redact(
    text.slice(0, maxScanned).replace(/[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, " "),
  ).trim();
  return (oneLine.length > maxWords ? `${oneLine.slice(0, maxWords - 1)}…` : oneLine).toWellFormed();
};

/**
 * Read an error body in whatever shape: `detail` as text or list, `Errors[0].description` of SCIM 1.1, plain text,
 * HTML (named, never quoted), nothing. The words come out on one line, without the secret and cut to 1,000 characters
 * in all. `status` and `schemas` of the body are not looked at: the HTTP status decides, whatever the body claims.
 */
export const readScimError = (text: string, redact: (text: string) => string): ScimError => {
  const body = parseJson(text);
  const words = body === undefined ? [text] : textsOf(body);
  const details: string[] = [];
  let left = maxWords;
  for (const detail of words.map((word) => clean(word, redact))) {
    if (detail === "" || left <= 0 || details.includes(detail)) continue;
    details.push(detail.slice(0, left).toWellFormed());
    left -= detail.length;
  }
  const requestId = isObject(body) ? readKey(body, "exceptionRequestId") : undefined;
  // What AWS asks for in a support case.
  if (typeof requestId === "string" && /^[\w-]{1,64}$/.test(requestId))
    details.push(redact(`Request id ${requestId}.`));
  const scimType = isObject(body) ? readKey(body, "scimType") : undefined;
  return { details, ...(typeof scimType === "string" && /^\w{1,64}$/.test(scimType) ? { scimType } : {}) };
};
