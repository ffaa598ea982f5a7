import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Of the backup that a data folder was made from; there until its first start has paused what is in it. */
export type RestoredMark = { madeAt: string };

const pathIn = (dataDir: string): string => join(dataDir, "restored.json");

export const writeRestoredMark = (dataDir: string, mark: RestoredMark): void =>
  writeFileSync(pathIn(dataDir), `${JSON.stringify(mark)}\n`, { mode: 0o600 });

export const readRestoredMark = (dataDir: string): RestoredMark | undefined =>
  existsSync(pathIn(dataDir)) ? JSON.parse(readFileSync(pathIn(dataDir), "utf8")) : undefined;

export const removeRestoredMark = (dataDir: string): void => rmSync(pathIn(dataDir), { force: true });
