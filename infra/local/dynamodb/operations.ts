import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";
import type { ParamTypes } from "dynalite/store";
import { checkTypes, checkValidations } from "dynalite/validations/index.js";
import { inTransaction } from "../rows/tables.ts";
import { AwsError, invalid } from "../signing/aws-error.ts";
import { batchGetItem, batchWriteItem, type WriteBatch } from "./batches.ts";
import { describeTimeToLive, type TimeToLiveInput, updateTimeToLive } from "./expiry.ts";
import { deleteItem, getItem, putItem, type Store, updateItem } from "./items.ts";
import { query, scan } from "./pages.ts";
import { type UpdateTableInput, updateTable } from "./update-table.ts";

type Operation = { isWrite: boolean; run(store: Store, input: object, db: DatabaseSync): object };

/** Each operation states what it takes of its input, and checks it. */
const operation = <I>(
  isWrite: boolean,
  run: (store: Store, input: I, db: DatabaseSync) => object,
): Operation => ({
  isWrite,
  run: (store, input, db) => run(store, input as I, db),
});
const read = <I>(run: (store: Store, input: I) => object) => operation(false, run);
const write = <I>(run: (store: Store, input: I, db: DatabaseSync) => object) => operation(true, run);

type Named = { TableName: string };
type Listing = { ExclusiveStartTableName?: string; Limit?: number };

const operations: Record<string, Operation> = {
  GetItem: read(getItem),
  BatchGetItem: read(batchGetItem),
  Query: read(query),
  Scan: read(scan),
  // A row and its index entries are one statement of SQLite, which is a transaction by itself.
  PutItem: write(putItem),
  UpdateItem: write(updateItem),
  DeleteItem: write(deleteItem),
  BatchWriteItem: write((store, input: WriteBatch, db) =>
    inTransaction(db, () => batchWriteItem(store, input)),
  ),
  CreateTable: write(({ tables }, input: Record<string, unknown>) => ({
    TableDescription: tables.create(input),
  })),
  UpdateTable: write((store, input: UpdateTableInput, db) => updateTable(store, input, db)),
  DeleteTable: write(({ tables }, { TableName }: Named) => ({ TableDescription: tables.remove(TableName) })),
  DescribeTable: read(({ tables }, { TableName }: Named) => ({ Table: tables.get(TableName).record })),
  ListTables: read(({ tables }, { ExclusiveStartTableName: after = "", Limit: limit = 100 }: Listing) => {
    const names = tables.names().filter((name) => name > after);
    const shown = names.slice(0, limit);
    return { TableNames: shown, ...(names.length > limit && { LastEvaluatedTableName: shown.at(-1) }) };
  }),
  DescribeTimeToLive: read(describeTimeToLive),
  UpdateTimeToLive: write((store, input: TimeToLiveInput, db) => updateTimeToLive(db, store, input)),
};

export const operationNamed = (name: string): Operation => {
  const found = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (found) return found;
  throw new AwsError(400, { __type: "com.amazon.coral.service#UnknownOperationException" });
};

type Validation = { types: ParamTypes; custom?: unknown };
const require = createRequire(import.meta.url);
const validations = new Map<string, Validation | undefined>();

const isOwn = (name: string): boolean => name.endsWith("TimeToLive") || name === "UpdateTable";

/** dynalite's description of an operation's parameters; none where the operation is this project's own. */
const validationOf = (name: string): Validation | undefined => {
  if (!validations.has(name)) {
    const file = name.charAt(0).toLowerCase() + name.slice(1);
    const validation = isOwn(name) ? undefined : require(`dynalite/validations/${file}.js`);
    validations.set(name, validation);
  }
  return validations.get(name);
};

/** Of DynamoDB's older interface, which expressions replace. */
const older = [
  "AttributesToGet",
  "AttributeUpdates",
  "ConditionalOperator",
  "Expected",
  "KeyConditions",
  "QueryFilter",
  "ScanFilter",
];

/**
 * Checks the parameters that came over the wire: their types, too, and what is not known is dropped.
 *
 * @throws AwsError
 */
export const checkedFromWire = (name: string, input: Record<string, unknown>): Record<string, unknown> => {
  const validation = validationOf(name);
  if (!validation) return checkTableName(input);
  const { ReturnValuesOnConditionCheckFailure: wanted } = input;
  const typed = refusing(() => checkTypes(input, validation.types));
  // dynalite does not know this one and drops it.
  return checked(name, {
    ...typed,
    ...(wanted === undefined ? {} : { ReturnValuesOnConditionCheckFailure: wanted }),
  });
};

/** Checks the parameters of a command of the SDK, whose types are right. @throws AwsError */
export const checked = <T extends object>(name: string, input: T): T => {
  const validation = validationOf(name);
  if (!validation) return checkTableName(input);
  for (const parameter of older) {
    if (parameter in input) throw invalid(`${parameter} is not served here: use expressions`);
  }
  // Keys, items and expressions are checked by the operations, which read each expression once.
  const custom = name.endsWith("Table") ? validation.custom : undefined;
  refusing(() => checkValidations(input, validation.types, custom, {}));
  return input;
};

const checkTableName = <T extends { TableName?: unknown }>(input: T): T => {
  if (typeof input.TableName === "string") return input;
  throw invalid("TableName must be given");
};

const refusing = <T>(check: () => T): T => {
  try {
    return check();
  } catch (error) {
    const { statusCode, body } = error as { statusCode?: number; body?: AwsError["body"] };
    throw statusCode !== undefined && body ? new AwsError(statusCode, body) : error;
  }
};
