import { setTimeout as sleep } from "node:timers/promises";
import { itemOf, type Rows, type StoredRow } from "./rows.ts";
import { sqlTable, type Tables } from "./tables.ts";

const rowsAtOnce = 100;
const pauseMs = 20;

/**
 * Reads every row once and holds it against its checksum, little by little, so that calls do not wait for it: a large
 * file is not checked as a whole when it is opened. Ends early where `signal` is aborted.
 *
 * @throws what SQLite or a checksum tells of a damaged file
 */
export const scrub = async (tables: Tables, rows: Rows, signal: AbortSignal): Promise<void> => {
  for (const name of tables.names()) {
    const sql = `SELECT id, sum, item FROM ${sqlTable(name)} WHERE id > ? ORDER BY id LIMIT ${rowsAtOnce}`;
    for (let after = 0; ; ) {
      await sleep(pauseMs, undefined, { ref: false });
      if (signal.aborted || !tables.names().includes(name)) break;
      const some = rows.statement(sql).all(after) as StoredRow[];
      if (some.length === 0) break;
      for (const row of some) itemOf(row);
      after = Number(some.at(-1)?.id);
    }
  }
};
