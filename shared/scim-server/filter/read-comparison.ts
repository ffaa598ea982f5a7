import { badRequest } from "../errors/scim-error.ts";
import { type Attribute, findSub } from "../schemas/attribute.ts";
import { type AttributeRef, nameOf } from "../schemas/find-attribute.ts";
import type { Filter, Literal, Operator } from "./filter.ts";

const operators: ReadonlySet<string> = new Set<Operator>([
  ...(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"] as const),
]);
const isOperator = (word: string): word is Operator => operators.has(word);

/** `attribute operator literal`, where the literal fits the attribute; throws `invalidFilter` where it does not. */
export const comparison = (ref: AttributeRef, operatorWord: string, literalText: string): Filter => {
  const operator = operatorWord.toLowerCase();
  if (!isOperator(operator))
    throw badRequest(
      "invalidFilter",
      `The filter has no operator after ${nameOf(ref)}: use eq, ne, co, sw, ew, gt, ge, lt, le or pr.`,
    );
  const compared = comparedPart(ref);
  return {
    kind: "compare",
    ref: compared,
    operator,
    literal: fittingLiteral(compared, operator, readLiteral(literalText)),
  };
};

/** A complex attribute is compared by its `value` (RFC 7643 §2.4), which also serves Entra's `manager eq "…"`. */
const comparedPart = (ref: AttributeRef): AttributeRef => {
  if (ref.sub !== undefined || ref.attribute.type !== "complex") return ref;
  const sub = findSub(ref.attribute, "value");
  if (sub) return { ...ref, sub };
  throw badRequest(
    "invalidFilter",
    `${nameOf(ref)} has several parts: name one, e.g. ${nameOf(ref)}.${ref.attribute.subAttributes?.[0]?.name}.`,
  );
};

const readLiteral = (text: string): Literal => {
  try {
    // Outside of quotes JSON's words are small, and some write them otherwise.
    const literal: unknown = JSON.parse(text.startsWith('"') ? text : text.toLowerCase());
    if (literal === null || ["string", "number", "boolean"].includes(typeof literal))
      return literal as Literal;
  } catch {
    // Told below.
  }
  throw badRequest(
    "invalidFilter",
    'The filter compares with what is no JSON literal: put texts in double quotes, as in userName eq "ada@example.com".',
  );
};

export const typeOf = ({ attribute, sub }: AttributeRef): Attribute["type"] => (sub ?? attribute).type;

const fittingLiteral = (ref: AttributeRef, operator: Operator, literal: Literal): Literal => {
  const unfit = (hint: string) =>
    badRequest("invalidFilter", `The filter cannot compare ${nameOf(ref)} so: ${hint}.`);
  const isEquality = operator === "eq" || operator === "ne";
  if (literal === null) {
    if (isEquality) return null;
    throw unfit("null goes with eq and ne alone");
  }
  if (typeOf(ref) === "boolean") {
    // Entra sends `primary eq "True"`.
    const asked = typeof literal === "string" ? asBoolean(literal) : literal;
    if (isEquality && typeof asked === "boolean") return asked;
    throw unfit("it is true or false, and goes with eq and ne alone");
  }
  if (typeof literal !== "string") throw unfit("it is a text, which stands in double quotes");
  const isPart = operator === "co" || operator === "sw" || operator === "ew";
  if (typeOf(ref) === "dateTime" && !isPart && instantOf(literal) === undefined)
    throw unfit("it is a time, such as 2026-01-31T12:00:00Z");
  return literal;
};

const asBoolean = (text: string): boolean | undefined =>
  /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : undefined;

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+ -]\d\d:\d\d)?$/i;

/**
 * A time in milliseconds; UTC where it names no offset. The plus of one is a blank where it was not encoded in the query.
 */
export const instantOf = (text: string): number | undefined => {
  if (!dateTime.test(text)) return undefined;
  const hasOffset = /(Z|[+ -]\d\d:\d\d)$/i.test(text);
  const instant = Date.parse(`${text.replace(" ", "+")}${hasOffset ? "" : "Z"}`);
  return Number.isNaN(instant) ? undefined : instant;
};
