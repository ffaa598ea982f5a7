import { itemSize, mapPaths, validateKey, validateKeyPaths } from "dynalite/db/index.js";
import { itemOf, keyText, type StoredRow } from "../rows/rows.ts";
import {
  type IndexRecord,
  namesOf,
  orderOf,
  sqlColumn,
  sqlIndex,
  sqlTable,
  type TableRecord,
} from "../rows/tables.ts";
import { checkItem, type Item } from "../rows/values.ts";
import { invalid } from "../signing/aws-error.ts";
import { holds } from "./conditions.ts";
import { type Expressions, readExpressions } from "./expressions.ts";
import { indexOf, type PageInput, pick, projected } from "./indexes.ts";
import { refuse, type Store } from "./items.ts";
import { keyRange, type Where } from "./ranges.ts";

/** DynamoDB ends a page here, before the filter; here it is the text of the items that counts, which is longer. */
const pageBytes = 1024 * 1024;

export const query = (store: Store, input: PageInput): object => {
  const { record } = store.tables.get(input.TableName);
  const index = indexOf(record, input);
  const expressions = readExpressions(input);
  if (!expressions.keyCondition) {
    throw invalid(
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    );
  }
  const heads = expressions.filter?.heads ?? {};
  const head = namesOf((index ?? record).KeySchema).find((name) => name in heads);
  if (head !== undefined) {
    throw invalid(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${head}`,
    );
  }
  const where = keyRange(record, index, expressions, input.ExclusiveStartKey);
  return readPage(store, input, { record, index, expressions, where });
};

export const scan = (store: Store, input: PageInput): object => {
  const { record } = store.tables.get(input.TableName);
  const index = indexOf(record, input);
  const expressions = readExpressions(input);
  const { Segment: segment, TotalSegments: total } = input;
  if (
    (segment === undefined) !== (total === undefined) ||
    (total !== undefined && Number(segment) >= total)
  ) {
    throw invalid("Segment and TotalSegments go together, and the first is less than the second");
  }
  const where: Where = total
    ? { sql: ["id % ? = ?"], values: [total, Number(segment)] }
    : { sql: [], values: [] };
  return readPage(store, input, { record, index, expressions, where });
};

type Plan = { record: TableRecord; index: IndexRecord | undefined; expressions: Expressions; where: Where };

const readPage = ({ rows }: Store, input: PageInput, plan: Plan): object => {
  const { record, index, expressions, where } = plan;
  const { filter, projection, values } = expressions;
  refuse(validateKeyPaths(projection?.nested, record));
  refuse(validateKeyPaths(filter?.nested, record));
  const isBackward = input.ScanIndexForward === false;
  const order = orderOf(record, index);
  const after = startAfter(record, order, input.ExclusiveStartKey, isBackward);
  const present = index ? namesOf(index.KeySchema).map((name) => `${sqlColumn(name)} IS NOT NULL`) : [];
  const conditions = [...where.sql, ...after.sql, ...present];
  const source = `${sqlTable(record.TableName)}${index ? ` INDEXED BY ${sqlIndex(record.TableName, index.IndexName)}` : ""}`;
  const sorted = order.map((name) => `${sqlColumn(name)}${isBackward ? " DESC" : ""}`).join(", ");
  const sql = `SELECT id, sum, item FROM ${source}${conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : ""} ORDER BY ${sorted} LIMIT ?`;
  const limit = input.Limit ?? -1;
  const items: Item[] = [];
  let [scanned, size, bytes] = [0, 0, 0];
  let last: Item | undefined;
  for (const row of rows.statement(sql).iterate(...where.values, ...after.values, limit)) {
    const stored = row as StoredRow;
    const item = projected(itemOf(stored), record, index);
    last = item;
    scanned += 1;
    size += stored.item.length;
    bytes += input.ReturnConsumedCapacity ? itemSize(item) : 0;
    if (!filter || holds(filter.condition, item, values)) {
      items.push(projection ? mapPaths(projection.paths, item) : item);
    }
    if (size >= pageBytes) break;
  }
  const isCut = last && (scanned === input.Limit || size >= pageBytes);
  return {
    ...(input.Select === "COUNT" ? {} : { Items: items }),
    Count: items.length,
    ScannedCount: scanned,
    ...(isCut && last ? { LastEvaluatedKey: pick(last, order) } : {}),
    ...consumed(input, index, record, bytes),
  };
};

const startAfter = (
  record: TableRecord,
  order: string[],
  start: Item | undefined,
  isBackward: boolean,
): Where => {
  if (!start) return { sql: [], values: [] };
  checkItem(start);
  if (Object.keys(start).length !== order.length || order.some((name) => !start[name])) {
    throw invalid("The provided starting key is invalid");
  }
  refuse(validateKey(pick(start, namesOf(record.KeySchema)), record));
  const values = order.map((name) => keyText(record, name, start));
  if (values.includes(null)) throw invalid("The provided starting key is invalid");
  const names = order.map(sqlColumn).join(", ");
  return { sql: [`(${names}) ${isBackward ? "<" : ">"} (${order.map(() => "?").join(", ")})`], values };
};

const consumed = (input: PageInput, index: IndexRecord | undefined, record: TableRecord, bytes: number) => {
  const wanted = input.ReturnConsumedCapacity;
  if (wanted !== "TOTAL" && wanted !== "INDEXES") return {};
  const units = Math.ceil(bytes / 4096) * (input.ConsistentRead ? 1 : 0.5);
  const kind = index && record.LocalSecondaryIndexes?.includes(index) ? "Local" : "Global";
  const perIndex = index
    ? { [`${kind}SecondaryIndexes`]: { [index.IndexName]: { CapacityUnits: units } } }
    : {};
  const parts = wanted === "INDEXES" ? { Table: { CapacityUnits: index ? 0 : units }, ...perIndex } : {};
  return { ConsumedCapacity: { TableName: input.TableName, CapacityUnits: units, ...parts } };
};
