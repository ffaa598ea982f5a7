import { closeSync, constants, existsSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { dataFilePath } from "../data-file/draft.ts";
import { unreadCommits } from "../data-file/wal.ts";

const tries = 30;
const headerBytes = 32;

/**
 * Copies the data file of a folder and its write-ahead log into another folder, also while a run is at work on it: with all that
 * was answered before the call, and nothing half done. Takes no lock and writes nothing there.
 *
 * A checkpoint may change pages of the file while they are copied, but only pages which the log holds, and the log is copied
 * after them. That is sound for as long as the log was not begun anew meanwhile, which its header tells (SQLite's file format,
 * 4.1: new salts each time). Then the copy is made again.
 *
 * Not to be called by the process that works on the folder: closing the file there would drop SQLite's lock.
 *
 * @throws Error where the log is begun anew faster than the file can be copied
 */
export const copyDataFile = async (from: string, to: string): Promise<void> => {
  const [source, target] = [dataFilePath(from), dataFilePath(to)];
  for (let tried = 0; tried < tries; tried += 1) {
    const before = generationOf(source);
    await copyFile(source, target, constants.COPYFILE_FICLONE);
    if (existsSync(`${source}-wal`)) await copyFile(`${source}-wal`, `${target}-wal`).catch(ifGone);
    if (generationOf(source) === before && unreadCommits(`${target}-wal`) === 0) return;
    for (const end of ["", "-wal"]) rmSync(`${target}${end}`, { force: true });
    await sleep(20 + Math.random() * 200);
  }
  throw new Error(
    `${source} is written faster than it can be copied, ${tries} times in a row. Try again when less is done, or stop Usher first`,
  );
};

/** What stays the same until the log is begun anew; without a log, until the file is written. */
const generationOf = (path: string): string => {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  const header = headOf(`${path}-wal`);
  return header.length < headerBytes ? `${ino} ${size} ${mtimeNs}` : `${ino} ${header.toString("hex")}`;
};

const headOf = (path: string): Buffer => {
  const head = Buffer.alloc(headerBytes);
  try {
    const file = openSync(path, "r");
    try {
      return head.subarray(0, readSync(file, head, 0, headerBytes, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    ifGone(error);
    return head.subarray(0, 0);
  }
};

/** A run that ends takes the log away. */
const ifGone = (error: unknown): void => {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
};
