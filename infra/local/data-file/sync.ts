import { closeSync, fdatasync, fstatSync, openSync, statSync } from "node:fs";

export type WalSync = {
  /** Resolves once every commit made before the call is on the disk. */
  done(): Promise<void>;
  close(): void;
};

/**
 * Syncs the write-ahead log for all who wait, in another thread, while the next commits are made: one sync for many
 * writers. The handle is one of the log alone: closing one of the database file would drop SQLite's lock on it.
 *
 * @param failed is told of a sync that went wrong
 */
export const openWalSync = (
  { path, walPath }: { path: string; walPath: string },
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
    fdatasync(file, (error) => {
      const cause = error ?? missing();
      if (cause) failed(cause);
      for (const { resolve, reject } of these) cause ? reject(cause) : resolve();
      start();
    });
  };
  return {
    done() {
      const one = Promise.withResolvers<void>();
      waiting.push(one);
      if (!isUnderWay) {
        isUnderWay = true;
        // What else is committed in this turn goes with it.
        setImmediate(start);
      }
      return one.promise;
    },
    close: () => closeSync(file),
  };
};

const gone = (message: string): Error => Object.assign(new Error(message), { code: "ENOENT" });
