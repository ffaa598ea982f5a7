import { type IndexRecord, indexesOf, orderOf, type TableRecord } from "../rows/tables.ts";
import type { Item } from "../rows/values.ts";
import { invalid } from "../signing/aws-error.ts";
import type { ItemInput } from "./items.ts";

export type PageInput = ItemInput & {
  IndexName?: string;
  Limit?: number;
  Select?: string;
  ExclusiveStartKey?: Item;
  ScanIndexForward?: boolean;
  Segment?: number;
  TotalSegments?: number;
};

/** The index that a request names. @throws AwsError where it cannot be read in this way */
export const indexOf = (record: TableRecord, input: PageInput): IndexRecord | undefined => {
  const { IndexName: name } = input;
  if (name === undefined) return undefined;
  const index = indexesOf(record).find(({ IndexName }) => IndexName === name);
  if (!index) throw invalid(`The table does not have the specified index: ${name}`);
  const isGlobal = record.GlobalSecondaryIndexes?.includes(index);
  if (isGlobal && input.ConsistentRead) {
    throw invalid("Consistent reads are not supported on global secondary indexes");
  }
  if (input.Select === "ALL_ATTRIBUTES" && index.Projection.ProjectionType !== "ALL") {
    throw invalid(
      `Select type ALL_ATTRIBUTES is not supported for index ${name}: its projection type is not ALL`,
    );
  }
  return index;
};

/** What of an item an index has. */
export const projected = (item: Item, record: TableRecord, index: IndexRecord | undefined): Item => {
  if (!index || index.Projection.ProjectionType === "ALL") return item;
  return pick(item, [...orderOf(record, index), ...(index.Projection.NonKeyAttributes ?? [])]);
};

/** The attributes of those names. */
export const pick = (item: Item, names: string[]): Item =>
  Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
