import type { DynaliteLevel, Item, Write } from "dynalite/store";
import type { ChangeHook } from "./dynalite-level.ts";

// Kept in the same LevelDB: `ttl~<table>` names the table's attribute, and for each item with a time to live
// there is an entry `expiry~<table>~<second>~<item key>`, written in one batch with the item. A sweep reads
// what is due and nothing else, however large the table.

const secondDigits = 12;

export type TimeToLive = {
  /** The attribute that a table's items expire by, undefined while time to live is off. */
  attributeOf: (table: string) => string | undefined;
  /** Turns time to live on, or off when `attribute` is undefined. Items that exist are not looked at. */
  set: (table: string, attribute: string | undefined) => Promise<void>;
  /** Keeps the expiry entries in step with the items. */
  onChange: ChangeHook;
  /** LevelDB keys of a table's items that expired before `second` (epoch seconds). */
  itemsDue: (table: string, second: number) => AsyncGenerator<string>;
  tables: () => string[];
};

/** The settings live in memory too, as every write asks for them; `load` reads those of earlier runs. */
export function createTimeToLive(): TimeToLive & { load: (db: DynaliteLevel) => Promise<void> } {
  const attributes = new Map<string, string>();
  let opened: DynaliteLevel | undefined;
  const level = (): DynaliteLevel => {
    if (!opened) throw new Error("time to live is not loaded");
    return opened;
  };
  return {
    async load(db) {
      opened = db;
      for await (const [key, attribute] of db.iterator({ gte: "ttl~", lt: "ttl~~" })) {
        attributes.set(key.slice("ttl~".length), String(attribute));
      }
    },
    attributeOf: (table) => attributes.get(table),
    tables: () => [...attributes.keys()],
    async set(table, attribute) {
      if (attribute === undefined) {
        attributes.delete(table);
        await write(level(), { type: "del", key: `ttl~${table}` });
        await level().clear({ gte: `expiry~${table}~`, lt: `expiry~${table}~~` });
      } else {
        await write(level(), { type: "put", key: `ttl~${table}`, value: attribute });
        attributes.set(table, attribute);
      }
    },
    onChange(itemKey, before, after) {
      const table = itemKey.slice("item-".length, itemKey.indexOf("~"));
      const attribute = attributes.get(table);
      if (attribute === undefined) return [];
      const old = expiryKey(table, itemKey, before?.[attribute]);
      const due = expiryKey(table, itemKey, after?.[attribute]);
      const writes: Write[] = [];
      if (old !== undefined && old !== due) writes.push({ type: "del", key: old });
      if (due !== undefined) writes.push({ type: "put", key: due, value: itemKey });
      return writes;
    },
    async *itemsDue(table, second) {
      const before = `expiry~${table}~${String(second).padStart(secondDigits, "0")}`;
      for await (const [, itemKey] of level().iterator({ gte: `expiry~${table}~`, lt: before })) {
        yield String(itemKey);
      }
    },
  };
}

// Only a number counts, as in DynamoDB; one that no calendar reaches never comes due.
function expiryKey(table: string, itemKey: string, value: Item[string] | undefined): string | undefined {
  const second = Math.floor(Number(value?.N ?? Number.NaN));
  if (!(second >= 0 && second < 10 ** secondDigits)) return undefined;
  return `expiry~${table}~${String(second).padStart(secondDigits, "0")}~${itemKey}`;
}

function write(db: DynaliteLevel, entry: Write): Promise<void> {
  return new Promise((resolve, reject) => {
    db.batch([entry], (error) => (error ? reject(error) : resolve()));
  });
}
