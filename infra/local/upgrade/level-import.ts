import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { create } from "dynalite/db/index.js";
import type { DynaliteLevel } from "dynalite/store";
import { createDataFile, dataFilePath } from "../data-file/draft.ts";
import { inUse } from "../data-file/in-use.ts";
import { openRows, type Rows } from "../rows/rows.ts";
import { addTable, type TableRecord } from "../rows/tables.ts";
import { checkTable, itemsIn, unreadable } from "./level-check.ts";

/** What the folder of version 0.1 has in CURRENT afterwards: that version then refuses to start, instead of anew. */
export const movedMark = "MOVED-to-dynamodb.sqlite-by-a-later-version\n";
/** Moves the tables of version 0.1 over, checks each item, and only then removes the old files. */
export const moveOver = async (dataDir: string, old: string): Promise<void> => {
  const { db: level } = create({ path: old });
  try {
    await level.open({ createIfMissing: false });
  } catch (error) {
    const { code, message } = (error as { cause?: { code?: string; message?: string } }).cause ?? {};
    if (code === "LEVEL_LOCKED") throw inUse(dataDir, error);
    throw unreadable(old, message ?? String(error));
  }
  let moved = 0;
  try {
    await createDataFile(dataDir, async (db) => {
      moved = await copyAll(level, db, old);
    });
  } finally {
    await level.close();
  }
  retire(old);
  // The LevelDB that was the lock of the secrets.
  rmSync(join(dataDir, "secrets.lock"), { recursive: true, force: true });
  console.error(`${moved} items of version 0.1 were moved from ${old} to ${dataFilePath(dataDir)}.`);
};

const copyAll = async (level: DynaliteLevel, db: DatabaseSync, old: string): Promise<number> => {
  const rows = openRows(db);
  let moved = 0;
  db.exec("BEGIN");
  for await (const [, definition] of level.iterator({ gte: "table~", lt: "table~~" })) {
    const record = definition as TableRecord;
    // A run killed while it deleted the table.
    if (record.TableStatus === "DELETING") continue;
    moved += await copyTable(level, db, rows, { ...record, TableStatus: "ACTIVE" });
  }
  db.exec("COMMIT");
  for await (const [, definition] of level.iterator({ gte: "table~", lt: "table~~" })) {
    await checkTable(level, rows, definition as TableRecord, old);
  }
  return moved;
};

const copyTable = async (
  level: DynaliteLevel,
  db: DatabaseSync,
  rows: Rows,
  record: TableRecord,
): Promise<number> => {
  addTable(db, record);
  const name = record.TableName;
  let ttl: string | undefined;
  for await (const [, attribute] of level.iterator({ gte: `ttl~${name}`, lte: `ttl~${name}` }))
    ttl = String(attribute);
  db.prepare("UPDATE tables SET ttl = ? WHERE name = ?").run(ttl ?? null, name);
  let count = 0;
  for await (const [, item] of itemsIn(level, name)) {
    rows.write({ record, ttl }, undefined, item);
    count += 1;
  }
  return count;
};

/** CURRENT last: until then the folder can be read by version 0.1, or not at all. */
export const retire = (old: string): void => {
  mkdirSync(old, { recursive: true });
  writeFileSync(join(old, "CURRENT"), movedMark);
  for (const name of readdirSync(old)) if (name !== "CURRENT") rmSync(join(old, name), { recursive: true });
};
