import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { toLexiStr } from "dynalite/db/index.js";
import { keyAttributesOf, namesOf, sqlColumn, sqlTable, type Table, type TableRecord } from "./tables.ts";
import type { Item, Value } from "./values.ts";

export type Row = { id: number; item: Item };
export type StoredRow = { id: number; item: string; sum: number };

export type Rows = {
  read(table: Table, key: Item): Row | undefined;
  /** Puts `item` where `before` was, or adds it. */
  write(table: Table, before: Row | undefined, item: Item): void;
  remove(table: Table, row: Row): void;
  /** A statement, prepared once for each text. */
  statement(sql: string): StatementSync;
};

/**
 * The rows of all tables: an item as JSON with its checksum, and a column for each attribute that is a key somewhere.
 * SQLite keeps the indexes in step, in the same transaction, and leaves those alone whose keys did not change.
 */
export const openRows = (db: DatabaseSync): Rows => {
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    let prepared = statements.get(sql);
    if (!prepared) {
      prepared = db.prepare(sql);
      statements.set(sql, prepared);
    }
    return prepared;
  };
  return {
    statement,
    read(table, key) {
      const { get, keys } = plansOf(table.record);
      const row = statement(get).get(...keys.map((name) => keyText(table.record, name, key)));
      return row && { id: Number(row.id), item: itemOf(row as StoredRow) };
    },
    write(table, before, item) {
      const { insert, update } = plansOf(table.record);
      const text = JSON.stringify(item);
      const sum = crc32(text);
      const columns = columnsOf(table, item);
      if (!before) {
        statement(insert).run(...columns, sum, text);
        return;
      }
      const old = columnsOf(table, before.item);
      const moved = [...columns.keys()].filter((at) => columns[at] !== old[at]);
      statement(update(moved)).run(...moved.map((at) => columns[at] ?? null), sum, text, before.id);
    },
    remove(table, row) {
      statement(`DELETE FROM ${sqlTable(table.record.TableName)} WHERE id = ?`).run(row.id);
    },
  };
};

/** @throws Error of a damaged file, as SQLite's own are */
export const itemOf = ({ id, item, sum }: StoredRow): Item => {
  if (crc32(item) === sum) return JSON.parse(item);
  throw Object.assign(new Error(`the item of row ${id} does not match its checksum`), { errcode: 11 });
};

/** A key attribute as SQLite sorts it: text by its UTF-8 bytes, numbers by value, bytes in order. */
export const keyText = (table: TableRecord, name: string, item: Item): string | null => {
  const value = item[name];
  return value === undefined ? null : keyTextOf(typeOf(table, name), value);
};

export const keyTextOf = (type: string, value: Value): string | null => {
  const content = value[type];
  if (content === undefined) return null;
  return type === "S" ? String(content) : toLexiStr(content, type);
};

export const typeOf = (table: TableRecord, name: string): string =>
  table.AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType ?? "S";

const columnsOf = ({ record, ttl }: Table, item: Item): SQLInputValue[] => [
  ...plansOf(record).columns.map((name) => keyText(record, name, item)),
  ttl === undefined ? null : dueOf(item[ttl]),
];

/** Only a number counts, as in DynamoDB; one that no calendar reaches never comes due. */
export const dueOf = (value: Value | undefined): number | null => {
  const second = Math.floor(Number(value?.N ?? Number.NaN));
  return second >= 0 && second < 10 ** 12 ? second : null;
};

type Plans = {
  columns: string[];
  keys: string[];
  get: string;
  insert: string;
  /** `moved`: the columns that change, by their place. An index of others is then not written. */
  update(moved: number[]): string;
};
const plans = new WeakMap<TableRecord, Plans>();

/** The texts of a table's statements. */
const plansOf = (record: TableRecord): Plans => {
  const known = plans.get(record);
  if (known) return known;
  const table = sqlTable(record.TableName);
  const columns = keyAttributesOf(record);
  const keys = namesOf(record.KeySchema);
  const names = [...columns.map(sqlColumn), "due", "sum", "item"];
  const made: Plans = {
    columns,
    keys,
    get: `SELECT id, sum, item FROM ${table} WHERE ${keys.map((key) => `${sqlColumn(key)} = ?`).join(" AND ")}`,
    insert: `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    update: (moved) =>
      `UPDATE ${table} SET ${[...moved.map((at) => names[at]), "sum", "item"].map((name) => `${name} = ?`).join(", ")} WHERE id = ?`,
  };
  plans.set(record, made);
  return made;
};
