import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { create } from "dynalite/db/index.js";
import type { DynaliteLevel, DynaliteStore, TableRecord } from "dynalite/store";
import { type ChangeHook, mendStore } from "./dynalite-level.ts";

/**
 * Opens the LevelDB in `<dataDir>/dynamodb`, which holds the lock on it until `db.close()` or the process's
 * end, however that comes. An acknowledged write is in the operating system's page cache, so it survives
 * `kill -9` of the process (not a power cut).
 *
 * @throws Error "data folder … is in use by another run" when a process, this one included, has it open
 */
export async function openStore(dataDir: string, onChange: ChangeHook): Promise<DynaliteStore> {
  const store = createStore(join(dataDir, "dynamodb"));
  await openOrRefuse(store.db, dataDir);
  mendStore(store, onChange);
  await settleTables(store.db);
  return store;
}

/**
 * Keeps other runs away from what is not in LevelDB, by an empty LevelDB in `folder`: its lock is the
 * kernel's, so it goes with the process and no stale lock file can be left behind.
 *
 * @returns the function that lets go
 * @throws Error "data folder … is in use by another run"
 */
export async function holdFolder(folder: string, dataDir: string): Promise<() => Promise<void>> {
  const { db } = createStore(folder);
  await openOrRefuse(db, dataDir);
  return () => db.close();
}

// LevelDB's own files are readable by all; their folder is not.
function createStore(path: string): DynaliteStore {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
}

async function openOrRefuse(db: DynaliteLevel, dataDir: string): Promise<void> {
  try {
    await db.open();
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause;
    if (cause?.code !== "LEVEL_LOCKED") throw error;
    throw new Error(`data folder ${dataDir} is in use by another run`, { cause: error });
  }
}

/** Every table's definition, by a read of LevelDB itself. */
export async function readTables(db: DynaliteLevel): Promise<TableRecord[]> {
  const tables: TableRecord[] = [];
  for await (const [, table] of db.iterator({ gte: "table~", lt: "table~~" }))
    tables.push(table as TableRecord);
  return tables;
}

/** Removes all that is kept of a table, its definition last. */
export async function removeTable(db: DynaliteLevel, name: string): Promise<void> {
  const owned = ["item-", "index-global~", "index-local~", "expiry~"];
  for (const kind of owned) await db.clear({ gte: `${kind}${name}~`, lt: `${kind}${name}~\xff` });
  await db.clear({ gte: `ttl~${name}`, lte: `ttl~${name}` });
  await db.clear({ gte: `table~${name}`, lte: `table~${name}` });
}

// dynalite makes, changes and deletes a table in two steps with a timer between them. A run killed there
// would leave a table that can neither be used nor made again.
async function settleTables(db: DynaliteLevel): Promise<void> {
  for (const table of await readTables(db)) {
    if (table.TableStatus === "DELETING") await removeTable(db, table.TableName);
    else if (table.TableStatus !== "ACTIVE") await activate(db, table);
  }
}

function activate(db: DynaliteLevel, table: TableRecord): Promise<void> {
  for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = "ACTIVE";
  const active = { ...table, TableStatus: "ACTIVE" };
  return new Promise((resolve, reject) => {
    db.put(`table~${table.TableName}`, active, (error) => (error ? reject(error) : resolve()));
  });
}
