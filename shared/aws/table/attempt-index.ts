import type { AttemptIndex, OpenAttemptRef } from "../../provisioning/ports/link-store.ts";
import type { Condition } from "./expressions.ts";
import { attemptHolder, attemptsBefore, type Key } from "./keys.ts";
import { openStateTable, type TableAccess, takeFrom } from "./state-table.ts";

/** Orphans by the sparse index: what is read is what is orphaned, however large the table. */
export const createAttemptIndex = (access: TableAccess): AttemptIndex => {
  const table = openStateTable(access);
  return {
    async orphans(before) {
      const keys = await takeFrom(table.pages<Key>(attemptsBefore(before), { index: "byAttempt" }));
      return keys.map(attemptHolder).filter((ref) => ref !== undefined);
    },
  };
};

const openAttempts: Condition = { when: "attribute_exists(#attempt)" };

/**
 * Every open attempt, by a full read of the table itself: for the start of a run on one machine, where an index may
 * have missed the last write before the process was killed.
 */
export const scanOpenAttempts = async (access: TableAccess): Promise<OpenAttemptRef[]> => {
  const items = await takeFrom(openStateTable(access).scan<Key>(openAttempts, ["pk", "sk"]));
  return items.map(attemptHolder).filter((ref) => ref !== undefined);
};
