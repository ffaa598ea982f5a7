import type { SQLInputValue } from "node:sqlite";
import { compare } from "dynalite/db/index.js";
import { keyTextOf, typeOf } from "../rows/rows.ts";
import { type IndexRecord, namesOf, sqlColumn, type TableRecord } from "../rows/tables.ts";
import type { Item, Value } from "../rows/values.ts";
import { invalid } from "../signing/aws-error.ts";
import { boundKeyConditions, type Expressions } from "./expressions.ts";

/** A condition of SQL with its parameters. */
export type Where = { sql: string[]; values: SQLInputValue[] };

const comparisons: Record<string, string> = { EQ: "=", LT: "<", LE: "<=", GT: ">", GE: ">=" };

/** A key condition as SQL. @throws AwsError ValidationException where it or the starting key do not fit the keys */
export const keyRange = (
  record: TableRecord,
  index: IndexRecord | undefined,
  expressions: Expressions,
  start: Item | undefined,
): Where => {
  const conditions = boundKeyConditions(expressions);
  const [hash = "", range] = namesOf((index ?? record).KeySchema);
  const wanted = Object.keys(conditions);
  if (!wanted.includes(hash)) throw invalid(`Query condition missed key schema element: ${hash}`);
  if (wanted.length > 2 || wanted.some((name) => name !== hash && name !== range)) {
    throw invalid("Query key condition not supported");
  }
  if (conditions[hash]?.ComparisonOperator !== "EQ") throw invalid("Query key condition not supported");
  const where: Where = { sql: [], values: [] };
  for (const [name, { ComparisonOperator: operator, AttributeValueList: values }] of Object.entries(
    conditions,
  )) {
    const type = typeOf(record, name);
    if (values.some((value) => value[type] === undefined)) {
      throw invalid(
        "One or more parameter values were invalid: Condition parameter type does not match schema type",
      );
    }
    if (start && !compare(operator, start[name], values)) {
      throw invalid("The provided starting key is outside query boundaries based on provided conditions");
    }
    add(where, sqlColumn(name), operator, values, type);
  }
  return where;
};

const add = (where: Where, column: string, operator: string, values: Value[], type: string): void => {
  const [low = "", high = ""] = values.map((value) => keyTextOf(type, value) ?? "");
  if (operator === "BETWEEN") {
    where.sql.push(`${column} BETWEEN ? AND ?`);
    where.values.push(low, high);
  } else if (operator === "BEGINS_WITH") {
    // No text has the byte FF, which comes after every character.
    where.sql.push(`${column} >= ? AND ${column} < ? || CAST(x'ff' AS TEXT)`);
    where.values.push(low, low);
  } else {
    where.sql.push(`${column} ${comparisons[operator]} ?`);
    where.values.push(low);
  }
};
