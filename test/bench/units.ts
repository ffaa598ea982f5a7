import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { TableShape } from "../../shared/aws/table/tables.ts";

export type Item = Record<string, AttributeValue>;

/** Bytes of an item by DynamoDB's rules: names and values, a number about two digits a byte, 3 for a list or map. */
export const itemSize = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);

const valueSize = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, "").length / 2) + 1;
  if (value.M !== undefined) return 3 + itemSize(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, part) => sum + valueSize(part) + 1, 0);
  if (value.SS !== undefined) return value.SS.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  return 1;
};

/** Write units of an item of that size: one for each kilobyte begun. */
export const writeUnits = (item: Item): number => Math.max(1, Math.ceil(itemSize(item) / 1024));

/**
 * Write units that the indexes take when an item changes. An entry that comes or goes is one write, one whose keys
 * change is two, one whose other attributes change is one; an entry that stays as it was is none.
 */
export const indexWriteUnits = (
  shape: TableShape,
  before: Item | undefined,
  after: Item | undefined,
): number => {
  let units = 0;
  for (const index of shape.indexes) {
    const old = entryOf(shape, index, before);
    const next = entryOf(shape, index, after);
    if (old && next) {
      const isMoved = [index.partitionKey, index.sortKey].some((key) => old[key]?.S !== next[key]?.S);
      if (isMoved) units += writeUnits(old) + writeUnits(next);
      else if (!isSame(old, next)) units += Math.max(writeUnits(old), writeUnits(next));
    } else if (old ?? next) units += writeUnits(old ?? next ?? {});
  }
  return units;
};

/** What the index holds of an item; undefined where the item lacks one of its keys. */
const entryOf = (
  shape: TableShape,
  index: TableShape["indexes"][number],
  item: Item | undefined,
): Item | undefined => {
  if (!item?.[index.partitionKey] || !item[index.sortKey]) return undefined;
  if (index.projection === "ALL") return item;
  const keys = [shape.partitionKey, shape.sortKey, index.partitionKey, index.sortKey];
  return Object.fromEntries(Object.entries(item).filter(([name]) => keys.includes(name)));
};

const isSame = (one: Item, other: Item): boolean =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
