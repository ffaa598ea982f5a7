import { shownName } from "../../common/shown-name.ts";
import { badRequest } from "../errors/scim-error.ts";
import { type Attribute, findSub } from "../schemas/attribute.ts";
import { type AttributeRef, findAttribute, nameOf, shownUnknown } from "../schemas/find-attribute.ts";
import type { ResourceType } from "../schemas/resource-types.ts";
import type { Filter } from "./filter.ts";
import { comparison } from "./read-comparison.ts";
import { readTokens } from "./read-tokens.ts";

/** A filter of more bytes, more brackets in one another or more comparisons is refused. */
export const filterLimits = { bytes: 4096, depth: 10, terms: 64 };

/**
 * Read the filter of a query, by the grammar of RFC 7644 §3.4.2.2: `not` binds before `and`, and that before `or`.
 * `emails[type eq "work"].value eq "…"`, which Entra sends and the grammar does not have, is read, too.
 *
 * @throws ScimError `invalidFilter`, also of attributes that are not kept: an empty list would say that nobody is found
 */
export const parseFilter = (type: ResourceType, text: string): Filter =>
  parseWhole(text, (name) => {
    const found = findAttribute(type, name);
    if (found.is === "kept") return found.ref;
    throw badRequest("invalidFilter", `The filter asks for ${shownUnknown(name)}: that is not kept here.`);
  });

/** The same of what stands between the brackets of `attribute[…]`, in a path or in a filter. */
export const parseElementFilter = (attribute: Attribute, text: string): Filter =>
  parseWhole(text, partOf(attribute));

/** What a name in the filter stands for; throws where for nothing. */
type Scope = (name: string) => AttributeRef;

const partOf =
  (attribute: Attribute): Scope =>
  (name) => {
    const sub = findSub(attribute, name);
    if (sub) return { attribute, sub };
    const detail = `The filter asks for ${shownName(name)} of ${attribute.name}: that is not kept here.`;
    throw badRequest("invalidFilter", detail);
  };

type Reader = { peek(): string | undefined; next(): string; terms: number };

const parseWhole = (text: string, scope: Scope): Filter => {
  if (Buffer.byteLength(text) > filterLimits.bytes)
    throw badRequest("invalidFilter", `The filter is longer than ${filterLimits.bytes} bytes.`);
  const tokens = readTokens(text);
  let at = 0;
  const reader: Reader = {
    peek: () => tokens[at],
    next() {
      const token = tokens[at];
      at += 1;
      if (token === undefined) throw badRequest("invalidFilter", "The filter ends too early.");
      return token;
    },
    terms: 0,
  };
  const filter = parseOr(reader, scope, 0);
  if (at < tokens.length) throw badRequest("invalidFilter", "The filter goes on after its end.");
  return filter;
};

const isWord = (token: string | undefined, word: string): boolean => token?.toLowerCase() === word;

const parseOr = (reader: Reader, scope: Scope, depth: number): Filter =>
  parseChain(reader, "or", () => parseChain(reader, "and", () => parseTerm(reader, scope, depth)));

const parseChain = (reader: Reader, kind: "and" | "or", parsePart: () => Filter): Filter => {
  const first = parsePart();
  const terms = [first];
  while (isWord(reader.peek(), kind)) {
    reader.next();
    terms.push(parsePart());
  }
  return terms.length === 1 ? first : { kind, terms };
};

const parseTerm = (reader: Reader, scope: Scope, depth: number): Filter => {
  const token = reader.next();
  if (token === "(") return parseGroup(reader, scope, depth);
  if (isWord(token, "not") && reader.peek() === "(") {
    reader.next();
    return { kind: "not", of: parseGroup(reader, scope, depth) };
  }
  if (reader.peek() === "[") return parseElement(reader, scope(token), depth);
  return parseComparison(reader, scope(token));
};

const deeper = (depth: number): number => {
  if (depth < filterLimits.depth) return depth + 1;
  throw badRequest(
    "invalidFilter",
    `The filter has more than ${filterLimits.depth} brackets in one another.`,
  );
};

const expect = (reader: Reader, token: string): void => {
  if (reader.next() !== token) throw badRequest("invalidFilter", `The filter lacks a ${token}.`);
};

const parseGroup = (reader: Reader, scope: Scope, depth: number): Filter => {
  const filter = parseOr(reader, scope, deeper(depth));
  expect(reader, ")");
  return filter;
};

const parseElement = (reader: Reader, ref: AttributeRef, depth: number): Filter => {
  if (!ref.attribute.multiValued || ref.sub !== undefined || ref.attribute.type !== "complex")
    throw badRequest("invalidFilter", `${nameOf(ref)} has no values for […] to choose from.`);
  reader.next();
  const scope = partOf(ref.attribute);
  const of = parseOr(reader, scope, deeper(depth));
  expect(reader, "]");
  const part = reader.peek();
  if (part?.[0] !== ".") return { kind: "element", ref, of };
  reader.next();
  const compared = parseComparison(reader, scope(part.slice(1)));
  return { kind: "element", ref, of: { kind: "and", terms: [of, compared] } };
};

const parseComparison = (reader: Reader, ref: AttributeRef): Filter => {
  reader.terms += 1;
  if (reader.terms > filterLimits.terms)
    throw badRequest("invalidFilter", `The filter has more than ${filterLimits.terms} comparisons.`);
  const operator = reader.next();
  return isWord(operator, "pr") ? { kind: "present", ref } : comparison(ref, operator, reader.next());
};
