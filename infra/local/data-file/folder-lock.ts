import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sqliteCode } from "./file.ts";
import { inUse } from "./in-use.ts";

/**
 * Keeps other runs away from what is not in the tables, by an empty SQLite file: its lock is the kernel's, so it goes
 * with the process and no stale lock can be left behind.
 *
 * @returns the function that lets go
 * @throws Error "data folder … is in use by another run"
 */
export const holdLock = (path: string, dataDir: string): (() => void) => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return () => db.close();
  } catch (error) {
    db.close();
    if (sqliteCode(error) !== 5) throw error;
    throw inUse(dataDir, error);
  }
};
