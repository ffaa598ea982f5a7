import {
  addConsumedCapacity,
  itemSize,
  mapPaths,
  validateItem,
  validateKey,
  validateKeyPaths,
  validateUpdates,
} from "dynalite/db/index.js";
import type { Rows } from "../rows/rows.ts";
import type { Table, Tables } from "../rows/tables.ts";
import { checkItem, type Item } from "../rows/values.ts";
import { AwsError, invalid } from "../signing/aws-error.ts";
import { holds } from "./conditions.ts";
import { type ExpressionInput, type Expressions, readExpressions } from "./expressions.ts";
import { applyUpdate } from "./updates.ts";

export const maxItemBytes = 400 * 1024;

export type ItemInput = ExpressionInput & {
  TableName: string;
  Key: Item;
  Item: Item;
  ConsistentRead?: boolean;
  ReturnValues?: string;
  ReturnConsumedCapacity?: string;
  ReturnValuesOnConditionCheckFailure?: string;
};
export type Store = { tables: Tables; rows: Rows };

/** What dynalite's checks return instead of throwing. */
export type Refusal = { statusCode: number; body: AwsError["body"] } | null | undefined;
/** @throws AwsError */
export const refuse = (refusal: Refusal): void => {
  if (refusal) throw new AwsError(refusal.statusCode, refusal.body);
};

export const getItem = ({ tables, rows }: Store, input: ItemInput): { Item?: Item } => {
  const table = tables.get(input.TableName);
  checkItem(input.Key);
  refuse(validateKey(input.Key, table.record));
  const { projection } = readExpressions(input);
  refuse(validateKeyPaths(projection?.nested, table.record));
  const item = rows.read(table, input.Key)?.item;
  const shown = item && (projection ? mapPaths(projection.paths, item) : item);
  return { ...(shown ? { Item: shown } : {}), ...consumed(input, true, item) };
};

export const putItem = ({ tables, rows }: Store, input: ItemInput): object => {
  const table = tables.get(input.TableName);
  checkItem(input.Item);
  if (!["NONE", "ALL_OLD"].includes(input.ReturnValues ?? "NONE")) {
    throw invalid("ReturnValues can only be ALL_OLD or NONE");
  }
  if (itemSize(input.Item) > maxItemBytes) throw invalid("Item size has exceeded the maximum allowed size");
  refuse(validateItem(input.Item, table.record));
  const expressions = readExpressions(input);
  const before = rows.read(table, input.Item);
  checkCondition(input, expressions, before?.item);
  rows.write(table, before, input.Item);
  return { ...old(input, before?.item), ...consumed(input, false, before?.item, input.Item) };
};

export const deleteItem = ({ tables, rows }: Store, input: ItemInput): object => {
  const table = tables.get(input.TableName);
  checkItem(input.Key);
  refuse(validateKey(input.Key, table.record));
  const expressions = readExpressions(input);
  const before = rows.read(table, input.Key);
  checkCondition(input, expressions, before?.item);
  if (before) rows.remove(table, before);
  return { ...old(input, before?.item), ...consumed(input, false, before?.item) };
};

export const updateItem = ({ tables, rows }: Store, input: ItemInput): object => {
  const table = tables.get(input.TableName);
  checkItem(input.Key);
  refuse(validateKey(input.Key, table.record));
  const expressions = readExpressions(input);
  const { update } = expressions;
  refuse(
    validateUpdates(
      undefined,
      update && { sections: update.sections, nestedPaths: update.nested },
      table.record,
    ),
  );
  const before = rows.read(table, input.Key);
  checkCondition(input, expressions, before?.item);
  // What is asked for of the item as it was is taken out before it changes.
  const was = wasOf(input, expressions, table, rows);
  const item = before?.item ?? { ...input.Key };
  const previous = before && { id: before.id, item: { ...item } };
  applyUpdate(update?.sections ?? [], table.record, item, expressions.values);
  if (itemSize(item) > maxItemBytes) {
    throw invalid("Item size to update has exceeded the maximum allowed size");
  }
  rows.write(table, previous, item);
  const returned = { ALL_NEW: () => item, UPDATED_NEW: () => mapPaths(update?.paths ?? [], item) };
  const shown = returned[input.ReturnValues as keyof typeof returned]?.() ?? was;
  return { ...(shown ? { Attributes: shown } : {}), ...consumed(input, false, previous?.item, item) };
};

const wasOf = (input: ItemInput, { update }: Expressions, table: Table, rows: Rows): Item | undefined => {
  if (input.ReturnValues !== "ALL_OLD" && input.ReturnValues !== "UPDATED_OLD") return undefined;
  // Read once more: the other copy is changed in place.
  const item = rows.read(table, input.Key)?.item;
  return item && input.ReturnValues === "UPDATED_OLD" ? mapPaths(update?.paths ?? [], item) : item;
};

const checkCondition = (
  input: ItemInput,
  { condition, values }: Expressions,
  item: Item | undefined,
): void => {
  if (!condition || holds(condition, item ?? {}, values)) return;
  throw new AwsError(400, {
    __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
    message: "The conditional request failed",
    ...(item && input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? { Item: item } : {}),
  });
};

const old = (input: ItemInput, item: Item | undefined) =>
  item && input.ReturnValues === "ALL_OLD" ? { Attributes: item } : {};

const consumed = (input: ItemInput, isRead: boolean, one: Item | undefined, other?: Item) => {
  const told = addConsumedCapacity(input, isRead, one, other);
  return told ? { ConsumedCapacity: told } : {};
};
