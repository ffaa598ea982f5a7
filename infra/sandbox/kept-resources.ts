import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { KeptResources, Stored } from "./scim-store.ts";

/** Users and groups in an SQLite file; each save is on the disk when it returns. A new file is `fill`ed as a whole. */
export const openKeptResources = (
  path: string,
  fill: (kept: KeptResources) => void,
): KeptResources & { close(): void } => {
  // Its owner's alone, as every file of the data folder.
  closeSync(openSync(path, "a", 0o600));
  const db = new DatabaseSync(path);
  db.exec("BEGIN IMMEDIATE");
  db.exec(
    "CREATE TABLE IF NOT EXISTS resources (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id))",
  );
  const all = db.prepare("SELECT body FROM resources WHERE kind = ? ORDER BY rowid");
  const put = db.prepare(
    "INSERT INTO resources VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
  );
  const remove = db.prepare("DELETE FROM resources WHERE kind = ? AND id = ?");
  const kept: KeptResources = {
    read: (kind) => all.all(kind).map(({ body }) => JSON.parse(String(body), reviveDates) as Stored),
    save(kind, id, resource) {
      if (resource === undefined) remove.run(kind, id);
      else put.run(kind, id, JSON.stringify(resource));
    },
  };
  if (db.prepare("PRAGMA user_version").get()?.user_version === 0) fill(kept);
  db.exec("PRAGMA user_version = 1; COMMIT");
  return { ...kept, close: () => db.close() };
};

/** SCIMMY takes the times of `meta` as dates alone. */
const reviveDates = (name: string, value: unknown): unknown =>
  name === "created" || name === "lastModified" ? new Date(String(value)) : value;
