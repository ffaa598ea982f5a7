import { closeSync, fdatasync, fstatSync, openSync, statSync } from "node:fs";

type WalSync = {
  /** Resolves once all that was written before the call is committed and on the disk. */
  done(): Promise<void>;
  close(): void;
};

/**
 * Commits what is open and syncs the write-ahead log for all who wait, in another thread, while the next writes are
 * made: one commit and one sync for many writers. The handle is one of the log alone: closing one of the database file
 * would drop SQLite's lock on it.
 *
 * @param commit throws where the writes since the last one are lost
 * @param failed is told of a sync that went wrong
 */
export const openWalSync = (
  { path, walPath }: { path: string; walPath: string },
  commit: () => void,
  failed: (error: unknown) => void,
): WalSync => {
  const file = openSync(walPath, "r+");
  const { ino } = statSync(path);
  /** What is written to a deleted file is gone with the process. */
  const missing = (): Error | undefined => {
    if (fstatSync(file).nlink === 0) return gone(`${walPath} was deleted`);
    if (statSync(path, { throwIfNoEntry: false })?.ino !== ino)
      return gone(`${path} was deleted or replaced`);
    return undefined;
  };
  let waiting: PromiseWithResolvers<void>[] = [];
  let isUnderWay = false;
  const start = () => {
    if (waiting.length === 0) {
      isUnderWay = false;
      return;
    }
    const these = waiting;
    waiting = [];
    const end = (cause: unknown) => {
      if (cause) failed(cause);
      for (const { resolve, reject } of these) cause ? reject(cause) : resolve();
      start();
    };
    try {
      commit();
    } catch (error) {
      return end(error);
    }
    fdatasync(file, (error) => end(error ?? missing()));
  };
  return {
    done() {
      const one = Promise.withResolvers<void>();
      waiting.push(one);
      if (!isUnderWay) {
        isUnderWay = true;
        // What else is written in this turn goes with it.
        setImmediate(start);
      }
      return one.promise;
    },
    close: () => closeSync(file),
  };
};

const gone = (message: string): Error => Object.assign(new Error(message), { code: "ENOENT" });
