import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** "Ushr", by which a file of this project is told from another SQLite file. */
export const applicationId = 0x55736872;
export const schemaVersion = 1;

/**
 * Each write puts whole pages into the log, most of them of an index that gets one entry of some 150 bytes: small pages
 * write a third. Smaller ones would not hold the entries.
 *
 * A draft that a kill leaves is thrown away, so nothing of it has to be safe before it is complete.
 */
const schema = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA page_size = 1024;
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
  CREATE TABLE tables (name TEXT PRIMARY KEY, definition TEXT NOT NULL, ttl TEXT) WITHOUT ROWID;
  CREATE TABLE probe (id INTEGER PRIMARY KEY, filler BLOB);
`;

export const dataFilePath = (dataDir: string): string => join(dataDir, "dynamodb.sqlite");

/** Makes the file complete under another name, `fill`ed, and gives it its own: a kill leaves no half-made file. */
export const createDataFile = async (
  dataDir: string,
  fill: (db: DatabaseSync) => unknown = () => {},
): Promise<void> => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = dataFilePath(dataDir);
  const draft = `${path}.new`;
  for (const end of ["", "-journal"]) rmSync(`${draft}${end}`, { force: true });
  // Its owner's alone, as every file of the folder; SQLite gives the log the same mode.
  closeSync(openSync(draft, "w", 0o600));
  const db = new DatabaseSync(draft);
  try {
    db.exec(schema);
    await fill(db);
  } finally {
    db.close();
  }
  syncPath(draft);
  renameSync(draft, path);
  syncPath(dataDir);
};

/** Windows has no such call for a folder and refuses to open it. */
export const syncPath = (path: string): void => {
  if (process.platform === "win32") return;
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};
