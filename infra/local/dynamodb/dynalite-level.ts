import { AsyncLocalStorage } from "node:async_hooks";
import type { Callback, DynaliteLevel, DynaliteStore, Item, Lock, Write } from "dynalite/store";
import { readRange, readTableNames } from "./dynalite-ranges.ts";

/** One change of an item under dynalite's lock: what the item was, and the index writes that go before it. */
type Change = { existing: Item | undefined; writes: Write[] };
/** One API call. `fail` answers it; `existing` is the item as the call's last change found it. */
type Call = { fail: (error: unknown) => void; existing?: Item };
type Context = { call: Call; change?: Change; releaseLock?: () => void };

const context = new AsyncLocalStorage<Context>();

/** Further writes that a change of an item brings with it. `after` is undefined when the item is deleted. */
export type ChangeHook = (itemKey: string, before: Item | undefined, after: Item | undefined) => Write[];

/**
 * Runs one dynalite action. An exception in any of its callbacks rejects the promise; in dynalite's own
 * server it would end the process.
 *
 * @param run gets the callback to answer with, and the call, whose `existing` it may read afterwards
 */
export function runAction<T>(run: (callback: Callback<T>, call: Call) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const call: Call = { fail: reject };
    const callback: Callback<T> = (error, value) => (error ? reject(error) : resolve(value as T));
    context.run({ call }, () => run(callback, call));
  });
}

/**
 * Replaces, in a store that dynalite has made, the parts that are not fit for a process that must live long
 * and may be killed at any time:
 * - an item and its index entries are written in one LevelDB batch (dynalite: one after the other), so a
 *   kill leaves no index entry without its item, and `onChange` can add writes to the same batch
 * - every callback is guarded, and a lock held by what threw is released
 * - items are read at once instead of in another thread
 * - ranges are read in chunks and their iterators closed (dynalite leaves each open until the end of the
 *   process, with the snapshot that it pins)
 */
export function mendStore(store: DynaliteStore, onChange: ChangeHook): void {
  mendReadsAndWrites(store.db, onChange);
  store.db.createValueStream = (range) => readRange(store.db, range);
  // dynalite goes through the keys of every table here.
  store.tableDb.createKeyStream = () => readTableNames(store.db);
  store.deleteItemDb = (table, callback) => clearPrefix(store.db, `item-${table}~`, callback);
  store.deleteIndexDb = (kind, table, index, callback) =>
    clearPrefix(store.db, `index-${kind.toLowerCase()}~${table}~${index}~`, callback);
  const mended = new WeakSet<object>();
  const getItemDb = store.getItemDb;
  store.getItemDb = (table) => {
    const items = getItemDb(table);
    if (!mended.has(items)) items.lock = mendLock(items.lock);
    mended.add(items);
    return items;
  };
}

function mendReadsAndWrites(db: DynaliteLevel, onChange: ChangeHook): void {
  const { put, del } = db;
  const batch = writeTogether(db.batch);
  const read = (key: string, callback: Callback): void => {
    let value: unknown;
    try {
      value = db.getSync(key);
    } catch (error) {
      callback(error);
      return;
    }
    const here = context.getStore();
    if (here?.change && key.startsWith("item-")) {
      here.change.existing = value as Item | undefined;
      if (value) here.call.existing = value as Item;
    }
    callback(null, value);
  };
  // A point read takes microseconds, the way to another thread and back many times as long.
  db.get = (key, callback) => queueMicrotask(() => read(key, guard(callback)));
  const write = (entry: Write, callback: Callback): boolean => {
    const change = context.getStore()?.change;
    if (!change) return false;
    if (entry.key.startsWith("index-")) {
      change.writes.push(entry);
      queueMicrotask(() => guard(callback)(null));
      return true;
    }
    const after = entry.type === "put" ? (entry.value as Item) : undefined;
    const more = onChange(entry.key, change.existing, after);
    batch([...change.writes, ...more, entry], guard(callback));
    return true;
  };
  db.put = (key, value, callback) => {
    if (!write({ type: "put", key, value }, callback)) put(key, value, guard(callback));
  };
  db.del = (key, callback) => {
    if (!write({ type: "del", key }, callback)) del(key, guard(callback));
  };
}

/**
 * Writes that come while a batch is on its way wait and go in one batch: a trip to LevelDB's thread costs more than
 * the write. Each is answered when it is in LevelDB, as before.
 */
function writeTogether(batch: DynaliteLevel["batch"]): DynaliteLevel["batch"] {
  let waiting: { writes: Write[]; callback: Callback }[] = [];
  let isUnderWay = false;
  const flush = () => {
    if (isUnderWay || waiting.length === 0) return;
    const these = waiting;
    waiting = [];
    isUnderWay = true;
    batch(
      these.flatMap(({ writes }) => writes),
      (error) => {
        isUnderWay = false;
        flush();
        for (const { callback } of these) callback(error);
      },
    );
  };
  return (writes, callback) => {
    waiting.push({ writes, callback: AsyncLocalStorage.bind(callback) });
    flush();
  };
}

// A lock's turn comes from the call that held it before: its own context has to be put back.
function mendLock(lock: Lock): Lock {
  return (key, run) => {
    const call = context.getStore()?.call ?? { fail: () => {} };
    lock(key, (release) => {
      let held = true;
      const releaseOnce = (done?: Callback): Callback => {
        return (error, value) => {
          if (held) {
            held = false;
            release()(null);
          }
          done?.(error, value);
        };
      };
      const change: Change = { existing: undefined, writes: [] };
      context.run({ call, change, releaseLock: () => releaseOnce()(null) }, () =>
        guard(() => run(releaseOnce))(null),
      );
    });
  };
}

function guard<T>(callback: Callback<T>): Callback<T> {
  return (error, value) => {
    try {
      callback(error, value);
    } catch (thrown) {
      const here = context.getStore();
      if (!here) throw thrown;
      here.releaseLock?.();
      here.call.fail(thrown);
    }
  };
}

function clearPrefix(db: DynaliteLevel, prefix: string, callback: Callback): void {
  db.clear({ gte: prefix, lt: `${prefix}\xff` }).then(
    () => guard(callback)(null),
    (error) => guard(callback)(error),
  );
}
