import type { OpenAttemptRef } from "../../provisioning/ports/link-store.ts";
import type { GroupItem } from "../directory/member-item.ts";
import { attemptHolder, type Key } from "../table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";
import { type AttemptItem, createAttemptWrites } from "./attempt-writes.ts";

type HeldItem = Key & Pick<AttemptItem, "attempt"> & Pick<GroupItem, "changing">;

const held =
  "attribute_exists(#attempt) OR attribute_exists(#changing) OR (attribute_exists(#bodyHash) AND #state = :running)";

/**
 * Void what dead processes hold, by a full read of the table itself: leases of attempts (they become orphans at once),
 * leases of group changes (the next change takes over) and requests with an `Idempotency-Key` (they may run again).
 * Only where no other process works on the table: at the start of a run on one machine, before it serves. Answers the
 * orphaned attempts.
 */
export const voidDeadLeases = async (access: TableAccess): Promise<OpenAttemptRef[]> => {
  const table = createStateTable(access);
  const attempts = createAttemptWrites(table);
  const values = { running: "running" };
  const items = await takeFrom(
    table.scan<HeldItem>({ when: held, values }, ["pk", "sk", "attempt", "changing", "state", "bodyHash"]),
  );
  const orphans: OpenAttemptRef[] = [];
  for (const { pk, sk, attempt, changing } of items) {
    const key = { pk, sk };
    if (attempt) {
      await attempts.abandon(key, attempt);
      const ref = attemptHolder(key);
      if (ref) orphans.push(ref);
    } else if (changing) {
      const when = "attribute_exists(#changing)";
      await table.write(key, "SET #changing.#leaseUntil = :past", { when, values: { past: 0 } });
    } else {
      await table.remove(key, { when: "#state = :running", values });
    }
  }
  return orphans;
};
