import { type Item, toItem } from "./dynamodb-client.ts";
import { unfitNumber } from "./store-failure.ts";

/** A condition in DynamoDB's syntax: `#name` stands for the attribute `name`, `:name` for the value of that name. */
export type Condition = { when: string; values?: Record<string, unknown> };

/** An update that sets each of these attributes to its value. */
export const setAll = (fields: object): string =>
  `SET ${Object.keys(fields)
    .map((name) => `#${name} = :${name}`)
    .join(", ")}`;

/**
 * An object as an item. Throws Failure `invalid-input` for a number that DynamoDB cannot keep. What else the marshaller
 * refuses is a mistake of this code and comes back as it is.
 */
export const marshalled = (value: object): Item => {
  try {
    return toItem(value);
  } catch (error) {
    const isNumber = error instanceof Error && /SAFE_INTEGER|numeric value/.test(error.message);
    throw isNumber ? unfitNumber(error) : error;
  }
};

export const valuesOf = (values: Record<string, unknown>): Item =>
  marshalled(Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])));

// Every name goes through a placeholder: DynamoDB reserves some 570 words, "name" and "state" among them.
export const namesIn = (...expressions: string[]): Record<string, string> =>
  Object.fromEntries(
    [...expressions.join(" ").matchAll(/#(\w+)/g)].map(([name, plain]) => [name, plain ?? ""]),
  );

export const project = (fields: string[] | undefined) => {
  if (!fields) return {};
  const ProjectionExpression = fields.map((field) => `#${field}`).join(", ");
  return { ProjectionExpression, ExpressionAttributeNames: namesIn(ProjectionExpression) };
};

export const conditional = ({ when, values = {} }: Condition, change = "") => {
  const names = namesIn(when, change);
  return {
    ConditionExpression: when,
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: valuesOf(values) } : {}),
  };
};
