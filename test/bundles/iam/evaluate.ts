import type { Statement } from "./policy.ts";

/** What is asked of IAM: one action on one resource. A key of the context may have several values, or be absent. */
export type Ask = { action: string; resource: string; context: Record<string, string[]> };

/** The part of a grant that an ask needed: `pattern` is the value of a condition that took it, if there is one. */
export type Used = { statement: Statement; action: string; resource: string; pattern?: string };

/** As IAM decides: denied unless a statement allows it, and denied where one denies it. `used` is what allowed it. */
export const evaluate = (
  statements: readonly Statement[],
  ask: Ask,
): { isAllowed: boolean; used: Used[] } => {
  const fitting = statements.filter((one) => uses(one, ask).length > 0);
  const isDenied = fitting.some(({ effect }) => effect === "Deny");
  const allowing = fitting.filter(({ effect }) => effect === "Allow");
  const isAllowed = !isDenied && allowing.length > 0;
  return { isAllowed, used: isAllowed ? allowing.flatMap((one) => uses(one, ask)) : [] };
};

const uses = (statement: Statement, { action, resource, context }: Ask): Used[] => {
  const actions = statement.actions.filter((pattern) => matches(pattern, action, { ignoresCase: true }));
  const resources = statement.resources.filter((pattern) => matches(pattern, resource));
  const isMet = statement.conditions.every(({ operator, key, values }) =>
    conditionHolds(operator, context[key], values),
  );
  if (!isMet) return [];
  const patterns = statement.conditions
    .filter(({ operator }) => /String(Like|Equals)$/.test(operator))
    .flatMap(({ key, values }) =>
      values.filter((pattern) => (context[key] ?? []).some((value) => matches(pattern, value))),
    );
  const ways = actions.flatMap((one) => resources.map((at) => ({ statement, action: one, resource: at })));
  return ways.flatMap((way) =>
    patterns.length > 0 ? patterns.map((pattern) => ({ ...way, pattern })) : [way],
  );
};

/** The operators that this project uses. @throws Error for another one: nothing is guessed */
export const conditionHolds = (operator: string, given: string[] | undefined, wanted: string[]): boolean => {
  const [, quantifier, name = operator] = /^(ForAllValues|ForAnyValue):(.*)$/.exec(operator) ?? [];
  const test = tests[name];
  if (name === "Null") return wanted.every((value) => (value === "true") === (given === undefined));
  if (!test) throw new Error(`the condition ${operator} is not evaluated here`);
  // IAM's trap: of no values at all, "for all" holds.
  if (quantifier === "ForAllValues")
    return (given ?? []).every((value) => wanted.some((one) => test(one, value)));
  return (given ?? []).some((value) => wanted.some((one) => test(one, value)));
};

const number = (compare: (given: number, wanted: number) => boolean) => (wanted: string, given: string) =>
  compare(Number(given), Number(wanted));

const tests: Record<string, (wanted: string, given: string) => boolean> = {
  StringEquals: (wanted, given) => wanted === given,
  StringNotEquals: (wanted, given) => wanted !== given,
  StringLike: (wanted, given) => matches(wanted, given),
  ArnLike: (wanted, given) => matches(wanted, given),
  ArnEquals: (wanted, given) => matches(wanted, given),
  Bool: (wanted, given) => wanted === given,
  NumericEquals: number((given, wanted) => given === wanted),
  NumericGreaterThanEquals: number((given, wanted) => given >= wanted),
  NumericLessThanEquals: number((given, wanted) => given <= wanted),
};

/** `*` stands for any characters, `?` for one; everything else is itself. */
export const matches = (pattern: string, text: string, { ignoresCase = false } = {}): boolean => {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`, ignoresCase ? "is" : "s").test(text);
};
