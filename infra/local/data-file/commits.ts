import type { DatabaseSync } from "node:sqlite";

export type Commits = {
  /**
   * Runs one write within the transaction that is open, or opens one. What is written together is committed together,
   * which writes each page of the file once. What a refusal tells of is committed before it is told.
   */
  write<T>(work: () => T): T;
  /** Commits what is open. Throws where writes since the last commit are lost, by any writer. */
  commit(): void;
  /** The same before a read, or work with a transaction of its own; what is lost is told by the next `commit`. */
  flush(): void;
};

/** Joins the writes of many callers into one transaction; each of them waits for its commit and its sync. */
export const openCommits = (db: DatabaseSync): Commits => {
  let isOpen = false;
  /** Writes of the open transaction: their callers wait. */
  let joined = 0;
  let lost: { error: unknown } | undefined;
  const end = (error?: unknown) => {
    if (error !== undefined && joined > 0) lost ??= { error };
    isOpen = false;
    joined = 0;
  };
  const flush = () => {
    if (!isOpen) return;
    try {
      db.exec("COMMIT");
      end();
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      end(error);
    }
  };
  return {
    flush,
    write(work) {
      if (!isOpen) db.exec("BEGIN IMMEDIATE");
      isOpen = true;
      try {
        const result = work();
        joined += 1;
        return result;
      } catch (error) {
        // A full disk may take back all of the transaction, with what others have written in it.
        if (db.isTransaction) flush();
        else end(error);
        throw error;
      }
    },
    commit() {
      flush();
      const gone = lost;
      lost = undefined;
      if (gone) throw gone.error;
    },
  };
};
