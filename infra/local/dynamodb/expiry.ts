import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { dueOf, itemOf, type Rows, type StoredRow } from "../rows/rows.ts";
import { inTransaction, sqlTable } from "../rows/tables.ts";
import { invalid } from "../signing/aws-error.ts";
import type { Store } from "./items.ts";

export type TimeToLiveInput = {
  TableName: string;
  TimeToLiveSpecification?: { AttributeName?: unknown; Enabled?: unknown };
};

/** The DescribeTimeToLive operation. */
export const describeTimeToLive = ({ tables }: Store, input: TimeToLiveInput): object => {
  const { ttl } = tables.get(input.TableName);
  return {
    TimeToLiveDescription: ttl
      ? { TimeToLiveStatus: "ENABLED", AttributeName: ttl }
      : { TimeToLiveStatus: "DISABLED" },
  };
};

/** The UpdateTimeToLive operation. It is in force when it answers, for the items that are there too. */
export const updateTimeToLive = (
  db: DatabaseSync,
  { tables, rows }: Store,
  input: TimeToLiveInput,
): object => {
  const { AttributeName: attribute, Enabled: enabled } = input.TimeToLiveSpecification ?? {};
  if (typeof attribute !== "string" || attribute === "" || typeof enabled !== "boolean") {
    throw invalid("TimeToLiveSpecification needs AttributeName and Enabled");
  }
  const { ttl: current } = tables.get(input.TableName);
  if (enabled && current === attribute) throw invalid("TimeToLive is already enabled");
  if (!enabled && current === undefined) throw invalid("TimeToLive is already disabled");
  if (current !== undefined && current !== attribute) {
    throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
  }
  const wanted = enabled ? attribute : undefined;
  inTransaction(db, () => {
    markDue(rows, input.TableName, wanted);
    tables.setTimeToLive(input.TableName, wanted);
  });
  return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: enabled } };
};

/** Writes into each row when it comes due. */
const markDue = (rows: Rows, name: string, attribute: string | undefined): void => {
  const table = sqlTable(name);
  const next = rows.statement(`SELECT id, sum, item FROM ${table} WHERE id > ? ORDER BY id LIMIT 200`);
  const mark = rows.statement(`UPDATE ${table} SET due = ? WHERE id = ?`);
  if (attribute === undefined) {
    rows.statement(`UPDATE ${table} SET due = NULL WHERE due IS NOT NULL`).run();
    return;
  }
  for (let after = 0; ; ) {
    const some = next.all(after) as StoredRow[];
    if (some.length === 0) return;
    for (const row of some) {
      const due = dueOf(itemOf(row)[attribute]);
      if (due !== null) mark.run(due, row.id);
      after = Number(row.id);
    }
  }
};

/**
 * Deletes every item whose time to live lies before `now` (epoch milliseconds), some hundreds at a time, so that calls
 * are served in between; then gives some of the free space back to the disk.
 *
 * @returns how many items were deleted
 */
export const expireItems = async (
  db: DatabaseSync,
  { tables, rows }: Store,
  now: () => number,
): Promise<number> => {
  const second = Math.floor(now() / 1000);
  let deleted = 0;
  for (const { record, ttl } of tables.all()) {
    if (ttl === undefined) continue;
    const table = sqlTable(record.TableName);
    const some = rows.statement(
      `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE due < ? LIMIT 200)`,
    );
    for (let gone = 200; gone === 200; ) {
      gone = Number(some.run(second).changes);
      deleted += gone;
      await nextTurn();
    }
  }
  db.exec("PRAGMA incremental_vacuum(8000)");
  return deleted;
};
