import type { DatabaseSync } from "node:sqlite";

export type Commits = {
  /**
   * Runs one write within the transaction that is open, or opens one. What is written together is committed together,
   * which writes each page of the file once. Readers see it at once.
   */
  write<T>(work: () => T): T;
  /** Commits what is open. Throws where writes since the last commit are lost, whoever made them. */
  commit(): void;
  /** The same before work that needs a transaction of its own; what is lost is told by the next `commit`. */
  flush(): void;
};

/** Joins the writes of many callers into one transaction; each of them waits for its commit and its sync. */
export const openCommits = (db: DatabaseSync): Commits => {
  let isOpen = false;
  let lost: { error: unknown } | undefined;
  const commitOpen = () => {
    if (!isOpen) return;
    isOpen = false;
    try {
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      lost ??= { error };
    }
  };
  return {
    write(work) {
      if (!isOpen) {
        db.exec("BEGIN IMMEDIATE");
        isOpen = true;
      }
      try {
        return work();
      } catch (error) {
        // A full disk may take back all of the transaction, with what others have written in it.
        if (!db.isTransaction) {
          isOpen = false;
          lost ??= { error };
        }
        throw error;
      }
    },
    commit() {
      commitOpen();
      const gone = lost;
      lost = undefined;
      if (gone) throw gone.error;
    },
    flush: commitOpen,
  };
};
