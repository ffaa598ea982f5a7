import { mapPath, traverseIndexes } from "dynalite/db/index.js";
import type { TableRecord } from "../rows/tables.ts";
import { addNumbers, checkValue, type Item, type Value } from "../rows/values.ts";
import { invalid } from "../signing/aws-error.ts";
import type { Path, Values } from "./conditions.ts";

/** What SET assigns. */
type Source = Path | { value: string } | { type: string; name?: string; args: Source[] };
/** One clause of an update expression. `attrType` is the type of the operand of ADD and DELETE. */
export type Section = {
  type: "set" | "remove" | "add" | "delete";
  path: Path;
  val?: Source;
  attrType?: string;
};

const wrongType = () => invalid("An operand in the update expression has an incorrect data type");

/**
 * Applies an update expression to an item in place. Every SET sees the item as it was.
 *
 * @throws AwsError ValidationException
 */
export const applyUpdate = (sections: Section[], table: TableRecord, item: Item, values: Values): void => {
  const assigned = sections.map(({ type, val }) =>
    type === "set" ? resolveSource(val as Source, item, values) : undefined,
  );
  for (const [at, section] of sections.entries()) {
    const parent = parentOf(section.path, item);
    const last = section.path.at(-1) as string | number;
    const existing = typeof last === "number" ? parent.L?.[last] : parent.M?.[last];
    const operand = values[(section.val as { value?: string } | undefined)?.value ?? ""] ?? {};
    const after = {
      set: () => assigned[at],
      remove: () => undefined,
      add: () => added(existing, operand, section.attrType ?? ""),
      delete: () => without(existing, operand, section.attrType ?? ""),
    }[section.type]();
    if (section.type === "set" && section.path.length === 1 && after)
      checkIndexKey(table, String(last), after);
    replace(parent, last, after);
  }
  for (const { path } of sections) compact(item, path);
};

type Parent = { M?: Record<string | number, Value | undefined>; L?: (Value | undefined)[] };

const parentOf = (path: Path, item: Item): Parent => {
  const parent = (path.length === 1 ? { M: item } : mapPath(path.slice(0, -1), item)) as Parent | undefined;
  if (parent && (typeof path.at(-1) === "number" ? parent.L : parent.M)) return parent;
  throw invalid("The document path provided in the update expression is invalid for update");
};

const replace = (parent: Parent, last: string | number, after: Value | undefined): void => {
  if (typeof last === "number" && parent.L) {
    // Beyond the end it is put at the end; what REMOVE leaves open is closed once all sections were applied.
    parent.L[last] = after;
  } else if (parent.M) {
    if (after === undefined) delete parent.M[last];
    else parent.M[last] = after;
  }
};

/** Takes the gaps out of a list that an update wrote to. */
const compact = (item: Item, path: Path): void => {
  if (typeof path.at(-1) !== "number") return;
  const list = mapPath(path.slice(0, -1), item) as Parent | undefined;
  if (list?.L) list.L = list.L.filter((value) => value !== undefined);
};

const added = (existing: Value | undefined, operand: Value, type: string): Value => {
  if (existing && existing[type] === undefined) throw wrongType();
  if (type === "N") return sum(String(existing?.N ?? "0"), String(operand.N));
  const before = (existing?.[type] ?? []) as string[];
  return { [type]: [...before, ...(operand[type] as string[]).filter((one) => !before.includes(one))] };
};

const without = (existing: Value | undefined, operand: Value, type: string): Value | undefined => {
  if (!existing) return undefined;
  if (existing[type] === undefined) throw wrongType();
  const left = (existing[type] as string[]).filter((one) => !(operand[type] as string[]).includes(one));
  return left.length > 0 ? { [type]: left } : undefined;
};

const sum = (one: string, other: string, sign: 1 | -1 = 1): Value => {
  const value = { N: addNumbers(one, other, sign) };
  checkValue(value);
  return value;
};

const resolveSource = (source: Source, item: Item, values: Values): Value => {
  const value = sourceOrNothing(source, item, values);
  if (value) return value;
  throw invalid("The provided expression refers to an attribute that does not exist in the item");
};

const sourceOrNothing = (source: Source, item: Item, values: Values): Value | undefined => {
  if (Array.isArray(source)) return copied(mapPath(source, item) ?? undefined);
  if ("value" in source) return values[source.value];
  const [first, second] = source.args as [Source, Source];
  if (source.name === "if_not_exists") {
    return sourceOrNothing(first, item, values) ?? resolveSource(second, item, values);
  }
  const [one, other] = [resolveSource(first, item, values), resolveSource(second, item, values)];
  const type = source.name === "list_append" ? "L" : "N";
  if (one[type] === undefined || other[type] === undefined) throw wrongType();
  if (type === "L") return { L: [...(one.L as Value[]), ...(other.L as Value[])] };
  return sum(String(one.N), String(other.N), source.type === "subtract" ? -1 : 1);
};

/** What two attributes share would change in both. */
const copied = (value: Value | undefined): Value | undefined =>
  value && (value.M ?? value.L) ? structuredClone(value) : value;

const checkIndexKey = (table: TableRecord, name: string, value: Value): void => {
  const isUnfit = traverseIndexes(
    table,
    (attribute, type) => attribute === name && value[type] === undefined,
  );
  if (isUnfit) {
    throw invalid("The update expression attempted to update the secondary index key to unsupported type");
  }
};
