import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createDataFile, dataFilePath } from "../data-file/draft.ts";
import { movedMark, moveOver, retire } from "./level-import.ts";

/** Never there without the tables: the tables are made first. */
const signsOfData = ["token", "secrets.key", "secrets.enc"];

/**
 * Sees to it that there is a data file: the one that is there, one with what version 0.1 kept in `<dataDir>/dynamodb`,
 * or an empty one, where nothing shows that there ever were tables.
 *
 * @throws Error which tells what is missing or damaged and what to do about it
 */
export const prepareDataFile = async (dataDir: string): Promise<void> => {
  const path = dataFilePath(dataDir);
  const old = join(dataDir, "dynamodb");
  const files = existsSync(old) ? readdirSync(old) : [];
  const isLeft = files.includes("CURRENT") && statSync(join(old, "CURRENT")).size === movedMark.length;
  if (existsSync(path)) {
    const isMore = files.some((name) => name !== "CURRENT");
    if (isMore && isLeft) retire(old);
    else if (isMore) console.error(`${old} holds tables of version 0.1, which are not used: ${path} is.`);
    return;
  }
  if (existsSync(`${path}-wal`) || isLeft) throw missing(path, dataDir);
  if (files.includes("CURRENT")) {
    await moveOver(dataDir, old);
    return;
  }
  if (files.some((name) => /\.(ldb|log|sst)$|^MANIFEST/.test(name)))
    throw missing(join(old, "CURRENT"), dataDir);
  if (signsOfData.some((name) => existsSync(join(dataDir, name)))) throw missing(path, dataDir);
  await createDataFile(dataDir);
};

const missing = (path: string, dataDir: string): Error =>
  new Error(
    `${path} is missing, but ${dataDir} was in use before. Put the file back from a copy of the folder, or move the whole folder away to start anew. Nothing was changed.`,
  );
