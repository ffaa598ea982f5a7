import { closeSync, copyFileSync, existsSync, openSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { applicationId, dataFilePath, schemaVersion, syncPath } from "./draft.ts";
import { inUse } from "./in-use.ts";
import { unreadCommits } from "./wal.ts";

type DataFile = { db: DatabaseSync; path: string; walPath: string; close(): void };

/**
 * Opens `<dataDir>/dynamodb.sqlite`, which has to be there, for this process alone: the lock is the kernel's, so it
 * goes with the process. A commit is in the write-ahead log when it returns and on the disk once that log was synced.
 *
 * @throws Error "data folder … is in use by another run", or what is damaged or missing and what to do about it
 */
export const openDataFile = (dataDir: string): DataFile => {
  const path = dataFilePath(dataDir);
  const walPath = `${path}-wal`;
  const openMark = `${path}-open`;
  // An empty file would be taken for a new database.
  if (statSync(path).size === 0) throw damaged(path, "the file is empty");
  if (existsSync(openMark) && !existsSync(walPath)) {
    throw new Error(
      `${walPath} is missing, which holds the last writes of a run that did not end by itself. Put it back. If it is lost, delete ${openMark}: Usher then starts without those writes. Nothing was deleted.`,
    );
  }
  const lost = unreadCommits(walPath);
  const db = lock(path, dataDir);
  try {
    check(db, path);
    if (lost > 0) {
      const copy = `${walPath}-damaged-${Date.now()}`;
      copyFileSync(walPath, copy);
      console.error(
        `${walPath} is damaged: ${lost} writes at its end could not be read and are dropped. After a power cut nobody was told that they are done. ${copy} keeps them.`,
      );
    }
    // Pages that only the log had are in the file afterwards.
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    // Without it a power cut may take the log's name.
    syncPath(dataDir);
    const { page_count: pages } = db.prepare("PRAGMA page_count").get() as { page_count: number };
    const { page_size: bytes } = db.prepare("PRAGMA page_size").get() as { page_size: number };
    if (statSync(path).size < pages * bytes) throw damaged(path, "its end is missing");
    closeSync(openSync(openMark, "w", 0o600));
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    db,
    path,
    walPath,
    close() {
      // In this order a kill in between leaves a log without a mark, which is opened as usual.
      rmSync(openMark, { force: true });
      db.close();
    },
  };
};

const lock = (path: string, dataDir: string): DatabaseSync => {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    // Set before the first access, exclusive mode needs no shared memory file and holds the lock until the end.
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT");
    db.exec("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 33554432");
    // A page that is written often goes to the file once for each 16 MB of the log.
    db.exec("PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 16000");
    return db;
  } catch (error) {
    db.close();
    if (sqliteCode(error) === 5) {
      throw inUse(dataDir, error);
    }
    throw [11, 26].includes(sqliteCode(error)) ? damaged(path, messageOf(error)) : error;
  }
};

/** Up to here a check of every page takes a tenth of a second; larger files are read little by little afterwards. */
const checkedWholeBytes = 24 * 1024 * 1024;

/** Whether it is a file of this version; of a small one also the structure of every table and index. */
const check = (db: DatabaseSync, path: string): void => {
  let found: string;
  try {
    const { application_id: id } = db.prepare("PRAGMA application_id").get() as { application_id: number };
    const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
    if (id !== applicationId) throw new Error("it is not a file of Usher");
    if (version !== schemaVersion) throw new Error(`its version ${version} is not known to this Usher`);
    if (statSync(path).size > checkedWholeBytes) return;
    found = String(Object.values(db.prepare("PRAGMA quick_check(1)").get() ?? {})[0]);
  } catch (error) {
    throw damaged(path, messageOf(error));
  }
  if (found !== "ok") throw damaged(path, found.replaceAll(/\s+/g, " "));
};

const damaged = (path: string, what: string): Error =>
  new Error(
    `${path} is damaged or was replaced: ${what}. Nothing was deleted. Put back a copy of the whole data folder, or move the folder away to start anew.`,
  );

/** SQLite's primary result code of an error; 0 where it is none of SQLite. */
export const sqliteCode = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) & 0xff;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
