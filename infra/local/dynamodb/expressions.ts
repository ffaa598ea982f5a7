import { convertKeyCondition, validateConditions, validateExpressions } from "dynalite/validations/index.js";
import { checkItem, type Item, type Value } from "../rows/values.ts";
import { invalid } from "../signing/aws-error.ts";
import type { Condition, Path, Values } from "./conditions.ts";
import type { Section } from "./updates.ts";

/** A request's expressions, as far as it has any. */
export type Expressions = {
  condition?: Condition;
  /** `nested` are the attributes that the filter looks into, `heads` all that it reads. */
  filter?: { condition: Condition; nested: object; heads: object };
  update?: { sections: Section[]; paths: Path[]; nested: object };
  projection?: { paths: Path[]; nested: object };
  keyCondition?: Record<string, { operator: string; values: string[] }>;
  values: Values;
};
type Compiled = Omit<Expressions, "values">;

export type ExpressionInput = {
  ConditionExpression?: string;
  UpdateExpression?: string;
  KeyConditionExpression?: string;
  FilterExpression?: string;
  ProjectionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
};

const texts = [
  "ConditionExpression",
  "UpdateExpression",
  "KeyConditionExpression",
  "FilterExpression",
  "ProjectionExpression",
] as const;

/** The texts that this product sends are few; those of others must not fill the memory. */
const maxKept = 500;
const kept = new Map<string, Compiled>();

/**
 * The expressions of a request. They are parsed once for each text, its names and the types of its values, by
 * dynalite's parsers, which know DynamoDB's rules and messages.
 *
 * @throws AwsError ValidationException
 */
export const readExpressions = (input: ExpressionInput): Expressions => {
  const values = input.ExpressionAttributeValues ?? {};
  checkItem(values);
  const key = keyOf(input, values);
  let compiled = kept.get(key);
  if (!compiled) {
    compiled = compile(input, values);
    if (kept.size >= maxKept) kept.clear();
    kept.set(key, compiled);
  }
  return { ...compiled, values };
};

/** The bounds of a key condition with this request's values, as dynalite's own older form has them. */
export const boundKeyConditions = ({ keyCondition = {}, values }: Expressions): KeyConditions => {
  const bound: KeyConditions = {};
  for (const [name, { operator, values: names }] of Object.entries(keyCondition)) {
    bound[name] = {
      ComparisonOperator: operator,
      AttributeValueList: names.map((value) => values[value] as Value),
    };
  }
  const message = validateConditions(bound);
  if (message) throw invalid(message);
  return bound;
};
export type KeyConditions = Record<string, { ComparisonOperator: string; AttributeValueList: Value[] }>;

const keyOf = (input: ExpressionInput, values: Values): string => {
  let key = "";
  for (const text of texts) key += `${input[text] ?? ""}\n`;
  const names = input.ExpressionAttributeNames;
  for (const name in names) key += `${name}\n${names[name]}\n`;
  if (names) key += "names\n";
  for (const name in values) key += `${name}\n${Object.keys(values[name] as Value)[0]}\n`;
  return input.ExpressionAttributeValues ? `${key}values` : key;
};

type Parsed = {
  _condition?: { expression: Condition };
  _filter?: { expression: Condition; nestedPaths: object; pathHeads: object };
  _keyCondition?: { expression: Condition };
  _updates?: { sections: Section[]; paths: Path[]; nestedPaths: object };
  _projection?: { paths: Path[]; nestedPaths: object };
};

const compile = (input: ExpressionInput, values: Values): Compiled => {
  const data: ExpressionInput & Parsed = {};
  for (const text of texts) if (input[text] !== undefined) data[text] = input[text];
  if (input.ExpressionAttributeNames) data.ExpressionAttributeNames = input.ExpressionAttributeNames;
  // The parsers put the value objects into their trees: these stand for the names, in this request and the next.
  const stand = new Map<object, string>();
  if (input.ExpressionAttributeValues) {
    data.ExpressionAttributeValues = {};
    for (const [name, value] of Object.entries(values)) {
      const copy = { ...value };
      data.ExpressionAttributeValues[name] = copy;
      stand.set(copy, name);
    }
  }
  const message = validateExpressions(data);
  if (message) throw invalid(message);
  const { _condition, _filter, _updates, _projection, _keyCondition } = data;
  const named = <T>(tree: T): T => nameValues(tree, stand) as T;
  return {
    ...(_condition && { condition: named(_condition.expression) }),
    ...(_filter && {
      filter: {
        condition: named(_filter.expression),
        nested: _filter.nestedPaths,
        heads: _filter.pathHeads,
      },
    }),
    ...(_updates && {
      update: { sections: named(_updates.sections), paths: _updates.paths, nested: _updates.nestedPaths },
    }),
    ...(_projection && { projection: { paths: _projection.paths, nested: _projection.nestedPaths } }),
    ...(_keyCondition && { keyCondition: keyConditionOf(_keyCondition.expression, stand) }),
  };
};

const nameValues = (tree: unknown, stand: Map<object, string>): unknown => {
  if (typeof tree !== "object" || tree === null) return tree;
  const name = stand.get(tree);
  if (name !== undefined) return { value: name };
  if (Array.isArray(tree)) return tree.map((part) => nameValues(part, stand));
  return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, nameValues(part, stand)]));
};

type KeyCondition = NonNullable<Compiled["keyCondition"]>;
const keyConditionOf = (expression: Condition, stand: Map<object, string>): KeyCondition => {
  const conditions = convertKeyCondition(expression);
  if (typeof conditions === "string") throw invalid(conditions);
  const named = Object.entries(conditions).map(
    ([attribute, { ComparisonOperator: operator, AttributeValueList }]) => {
      const values = AttributeValueList.map((value) => stand.get(value));
      if (values.includes(undefined)) throw invalid("Invalid condition in KeyConditionExpression");
      return [attribute, { operator, values }];
    },
  );
  return Object.fromEntries(named);
};
