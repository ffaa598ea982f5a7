import type { DynaliteLevel } from "dynalite/store";
import type { Rows } from "../rows/rows.ts";
import { indexesOf, namesOf, type Table, type TableRecord } from "../rows/tables.ts";
import type { Item } from "../rows/values.ts";

/**
 * Version 0.1 wrote an item and its index entries at once: where they do not agree, a damaged file lost some of them
 * without a word.
 */
export const checkTable = async (
  level: DynaliteLevel,
  rows: Rows,
  record: TableRecord,
  old: string,
): Promise<void> => {
  if (record.TableStatus === "DELETING") return;
  const table: Table = { record, ttl: undefined };
  const indexes = indexesOf(record);
  const expected = new Map<string, number>(indexes.map(({ IndexName }) => [IndexName, 0]));
  for await (const [, item] of itemsIn(level, record.TableName)) {
    const kept = rows.read(table, item);
    if (JSON.stringify(kept?.item) !== JSON.stringify(item))
      throw unreadable(old, "an item changed on the way");
    for (const { IndexName: name, KeySchema } of indexes) {
      if (namesOf(KeySchema).every((key) => item[key])) expected.set(name, (expected.get(name) ?? 0) + 1);
    }
  }
  for (const [kind, list = []] of [
    ["global", record.GlobalSecondaryIndexes],
    ["local", record.LocalSecondaryIndexes],
  ] as const) {
    for (const { IndexName } of list) {
      const prefix = `index-${kind}~${record.TableName}~${IndexName}~`;
      let found = 0;
      for await (const _ of level.keys({ gte: prefix, lt: `${prefix}\xff` })) found += 1;
      const wanted = expected.get(IndexName) ?? 0;
      if (found !== wanted) {
        const text = `index ${IndexName} of ${record.TableName} has ${found} entries and its items ask for ${wanted}`;
        throw unreadable(old, `a file is damaged or missing: ${text}`);
      }
    }
  }
};

export const unreadable = (old: string, what: string): Error =>
  new Error(
    `${old}, the tables of version 0.1, cannot be moved over: ${what}. Nothing was changed there. Put back a copy of the whole data folder, or start version 0.1 on it.`,
  );

/** Every item of a table, by its key in LevelDB. */
export const itemsIn = (level: DynaliteLevel, table: string): AsyncIterable<[string, Item]> =>
  level.iterator({ gte: `item-${table}~`, lt: `item-${table}~\xff` }) as AsyncIterable<[string, Item]>;
