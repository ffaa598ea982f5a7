import type { AttemptIndex } from "../../provisioning/ports/link-store.ts";
import { attemptHolder, attemptsBefore, type Key } from "./keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "./state-table.ts";

/** Orphans by the sparse index: what is read is what is orphaned, however large the table. */
export const createAttemptIndex = (access: TableAccess): AttemptIndex => {
  const table = createStateTable(access);
  return {
    async orphans(before) {
      const keys = await takeFrom(table.pages<Key>(attemptsBefore(before), { index: "byAttempt" }));
      return keys.map(attemptHolder).filter((ref) => ref !== undefined);
    },
  };
};
