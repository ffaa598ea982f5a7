import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { syncPath } from "../data-file/draft.ts";

/**
 * Makes a folder whole or not at all: `fill` works on a draft beside it, which takes its name at the end. A kill leaves the
 * draft, whose name ends in `.part-` and six letters, and which nothing ever reads.
 *
 * @throws Error where something is in the folder already, or what `fill` throws
 */
export const makeWholeFolder = async (
  folder: string,
  fill: (draft: string) => Promise<void>,
): Promise<void> => {
  requireEmpty(folder);
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}.part-`);
  try {
    await fill(draft);
    for (const name of readdirSync(draft)) syncPath(`${draft}/${name}`);
    syncPath(draft);
    // Refused by the system where somebody has put something in meanwhile.
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(draft, folder);
    syncPath(dirname(folder));
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
};

const requireEmpty = (folder: string): void => {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is a file. Name a folder`);
  if (readdirSync(folder).length > 0)
    throw new Error(
      `${folder} is not empty, and nothing is ever overwritten. Name another folder, or move that one away`,
    );
};
