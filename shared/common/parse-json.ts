import type { JsonValue } from "../model/json.ts";

const maxDepth = 50;
/** A group of 100,000 members has half as many; a body of 5 MiB of `{}` takes half a gigabyte once it is parsed. */
const maxContainers = 200_000;

/** Looked at before parsing: a body of megabytes of brackets takes seconds and hundreds of megabytes to parse. */
export const whyUnparsed = (json: string): string | undefined => {
  let depth = 0;
  let containers = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') isText = !isText;
    else if (isText) at += character === "\\" ? 1 : 0;
    else if (character === "]" || character === "}") depth -= 1;
    else if (character === "[" || character === "{") {
      depth += 1;
      containers += 1;
      if (depth > maxDepth) return "that is nested too deeply";
      if (containers > maxContainers) return "of more than 200,000 objects and lists";
    }
  }
  return undefined;
};

const longNumber = /[:[,]\s*\d{16}/;
/** An id that is shown as a number of 64 bits is another one once it is a double: it stays the text that it was. */
export const isWholeId = (key: string, value: JsonValue, source: string): boolean =>
  /^(id|value)$/i.test(key) &&
  typeof value === "number" &&
  /^\d+$/.test(source) &&
  !Number.isSafeInteger(value);

/** With one of these as a key, JavaScript makes no text and no number of an object, and throws where it tries. */
const hidingKeys = new Set(["toString", "valueOf"]);
/** A key may be written with escapes. */
const mayHide = /toString|valueOf|\\u/;

const fit = (key: string, value: JsonValue, { source = "" }: { source?: string } = {}) => {
  if (hidingKeys.has(key)) return undefined;
  return isWholeId(key, value, source) ? source : value;
};

/**
 * JSON is recognised by trying: content types are wrong too often. Undefined for anything else, and for what takes too
 * much memory. Keys that JavaScript would call are left out: no attribute has such a name.
 */
export const parseJson = (text: string): JsonValue | undefined => {
  try {
    if (whyUnparsed(text) !== undefined) return undefined;
    return longNumber.test(text) || mayHide.test(text) ? JSON.parse(text, fit) : JSON.parse(text);
  } catch {
    return undefined;
  }
};
