import { isDeepStrictEqual } from "node:util";
import { compare, mapPath } from "dynalite/db/index.js";
import type { Item, Value } from "../rows/values.ts";
import { invalid } from "../signing/aws-error.ts";

/** Where an attribute is, from the item inwards. */
export type Path = (string | number)[];
/** An operand: a path, the name of a value that comes with each request, or what a function makes of operands. */
type Operand = Path | { value: string } | { type: string; name: string; args: Operand[] };
export type Condition =
  | { type: "and" | "or" | "not"; args: Condition[] }
  | { type: string; name?: string; args: Operand[] };
export type Values = Record<string, Value>;

const forAbsent = new Set(["attribute_exists", "attribute_not_exists", "<>"]);

/** Whether a condition holds of an item. @throws AwsError where the bounds of a BETWEEN are the wrong way round */
export const holds = (condition: Condition, item: Item, values: Values): boolean => {
  const { type, args } = condition;
  if (type === "and") return (args as Condition[]).every((part) => holds(part, item, values));
  if (type === "or") return (args as Condition[]).some((part) => holds(part, item, values));
  if (type === "not") return !holds(args[0] as Condition, item, values);
  const operands = (args as Operand[]).map((operand) => resolveOperand(operand, item, values));
  const name = type === "function" ? (condition as { name: string }).name : type;
  const [first, ...others] = operands;
  if (name === "between") checkBounds(args as Operand[], others);
  if (operands.includes(undefined) && !forAbsent.has(name)) return false;
  // dynalite compares lists and maps by identity.
  if ((name === "=" || name === "<>") && (first?.M ?? first?.L)) {
    return isDeepStrictEqual(first, others[0]) === (name === "=");
  }
  return compare(name, first, others);
};

const resolveOperand = (operand: Operand, item: Item, values: Values): Value | undefined => {
  if (Array.isArray(operand)) return mapPath(operand, item) ?? undefined;
  if ("value" in operand) return values[operand.value];
  const [of] = operand.args.map((argument) => resolveOperand(argument, item, values));
  const size = of && sizeOf(of);
  return size === undefined ? undefined : { N: String(size) };
};

/** The function `size`. */
const sizeOf = (value: Value): number | undefined => {
  const [[type, content] = []] = Object.entries(value);
  if (type === "S") return (content as string).length;
  if (type === "B") return Buffer.from(content as string, "base64").length;
  if (type === "M") return Object.keys(content as Item).length;
  return Array.isArray(content) ? content.length : undefined;
};

const checkBounds = ([, low, high]: Operand[], [from, to]: (Value | undefined)[]): void => {
  const areGiven = low && "value" in low && high && "value" in high;
  if (areGiven && from && compare("GT", from, [to])) {
    throw invalid("The BETWEEN operator requires upper bound to be greater than or equal to lower bound");
  }
};
