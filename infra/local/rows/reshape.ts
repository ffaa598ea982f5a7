import type { DatabaseSync } from "node:sqlite";
import { itemOf, keyText, type Rows, type StoredRow } from "./rows.ts";
import {
  addIndex,
  indexesOf,
  inTransaction,
  keyAttributesOf,
  sqlColumn,
  sqlIndex,
  sqlTable,
  type Table,
  type TableRecord,
  type Tables,
} from "./tables.ts";

const rowsAtOnce = 500;

/**
 * Give a table other indexes: those that `next` no longer has go, and new ones are filled from the items that are there.
 * One transaction, so a kill leaves the table as it was.
 */
export const reshape = (
  db: DatabaseSync,
  { tables, rows }: { tables: Tables; rows: Rows },
  { record }: Table,
  next: TableRecord,
): void => {
  const name = record.TableName;
  const table = sqlTable(name);
  const [before, after] = [keyAttributesOf(record), keyAttributesOf(next)];
  const kept = new Set(indexesOf(next).map(({ IndexName }) => IndexName));
  const known = new Set(indexesOf(record).map(({ IndexName }) => IndexName));
  inTransaction(db, () => {
    for (const one of known) if (!kept.has(one)) db.exec(`DROP INDEX ${sqlIndex(name, one)}`);
    for (const attribute of before) {
      if (!after.includes(attribute)) db.exec(`ALTER TABLE ${table} DROP COLUMN ${sqlColumn(attribute)}`);
    }
    const added = after.filter((attribute) => !before.includes(attribute));
    for (const attribute of added) db.exec(`ALTER TABLE ${table} ADD COLUMN ${sqlColumn(attribute)} TEXT`);
    if (added.length > 0) fill(rows, next, added);
    for (const index of indexesOf(next)) if (!known.has(index.IndexName)) addIndex(db, next, index);
    tables.redefine(next);
  });
};

/** Writes the new columns of the rows that have such an attribute. */
const fill = (rows: Rows, record: TableRecord, columns: string[]): void => {
  const table = sqlTable(record.TableName);
  const next = rows.statement(
    `SELECT id, sum, item FROM ${table} WHERE id > ? ORDER BY id LIMIT ${rowsAtOnce}`,
  );
  const set = columns.map((column) => `${sqlColumn(column)} = ?`).join(", ");
  const update = rows.statement(`UPDATE ${table} SET ${set} WHERE id = ?`);
  for (let after = 0; ; ) {
    const some = next.all(after) as StoredRow[];
    if (some.length === 0) return;
    for (const row of some) {
      const item = itemOf(row);
      const keys = columns.map((column) => keyText(record, column, item));
      if (keys.some((key) => key !== null)) update.run(...keys, row.id);
      after = Number(row.id);
    }
  }
};
