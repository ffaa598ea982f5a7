import { openDataFile } from "../data-file/file.ts";
import { itemOf, type StoredRow } from "../rows/rows.ts";
import { openTables, sqlTable } from "../rows/tables.ts";
import { openSecretFile } from "../secrets/secret-file.ts";
import type { Contents } from "./backup-files.ts";

/**
 * Reads all of a data folder that nobody works on: the structure of each table and index, every item against its checksum, every
 * secret with its key. A log beside the data file is taken over into it.
 *
 * @param whose what the copy in `folder` was made of, for the message
 * @returns what was found
 * @throws Error which says what is damaged
 */
export const checkData = (folder: string, whose: string): Contents => {
  try {
    return readAll(folder);
  } catch (error) {
    throw new Error(`${whose} is damaged, as a copy of it shows: ${(error as Error).message}`, {
      cause: error,
    });
  }
};

const readAll = (folder: string): Contents => {
  const { db, close } = openDataFile(folder);
  const tables: Contents["tables"] = {};
  try {
    const found = String(Object.values(db.prepare("PRAGMA integrity_check(1)").get() ?? {})[0]);
    if (found !== "ok") throw new Error(found.replaceAll(/\s+/g, " "));
    for (const name of openTables(db).names()) {
      let items = 0;
      for (const row of db.prepare(`SELECT id, sum, item FROM ${sqlTable(name)}`).iterate()) {
        itemOf(row as StoredRow);
        items += 1;
      }
      tables[name] = items;
    }
  } finally {
    close();
  }
  const secrets = openSecretFile(folder).read();
  if (!Array.isArray(secrets)) throw new Error("the secrets are not there");
  return { tables, secrets: secrets.length };
};
