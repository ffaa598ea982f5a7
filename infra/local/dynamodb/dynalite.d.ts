// What this project uses of dynalite 4.0.0, which has no types of its own.

declare module "dynalite/db/index.js" {
  import type { DynaliteStore } from "dynalite/store";
  /** Opens (lazily) the LevelDB at `path`. Durations are those of a table's CREATING, DELETING, UPDATING. */
  export function create(options: {
    path: string;
    createTableMs: number;
    deleteTableMs: number;
    updateTableMs: number;
  }): DynaliteStore;
}

declare module "dynalite/validations/index.js" {
  import type { DynaliteStore, ParamTypes } from "dynalite/store";
  export function checkTypes(input: object, types: ParamTypes): Record<string, unknown>;
  export function checkValidations(
    input: object,
    types: ParamTypes,
    custom: unknown,
    store: DynaliteStore,
  ): void;
}

// Types only: dynalite has no such module.
declare module "dynalite/store" {
  import type { Stream } from "node:stream";

  export type Callback<T = unknown> = (error: unknown, value?: T) => void;
  export type ParamTypes = Record<string, unknown>;
  export type Range = {
    gt?: string;
    gte?: string;
    lt?: string;
    lte?: string;
    reverse?: boolean;
    limit?: number;
  };
  export type Write = { type: "put"; key: string; value: unknown } | { type: "del"; key: string };
  export type TableRecord = {
    TableName: string;
    TableStatus: string;
    KeySchema: { AttributeName: string }[];
    GlobalSecondaryIndexes?: { IndexName: string; IndexStatus: string }[];
    LocalSecondaryIndexes?: { IndexName: string }[];
  };
  export type Item = Record<string, Record<string, unknown>>;

  /** LevelDB with dynalite's callbacks around put, get, del and batch; the rest is abstract-level's own. */
  export type DynaliteLevel = {
    open(): Promise<void>;
    close(): Promise<void>;
    put(key: string, value: unknown, callback: Callback): void;
    get(key: string, callback: Callback): void;
    getSync(key: string): unknown;
    del(key: string, callback: Callback): void;
    batch(writes: Write[], callback: Callback): void;
    clear(range: Range): Promise<void>;
    keys(range: Range): AsyncIterable<string>;
    iterator(range: Range): AsyncIterable<[string, unknown]>;
    values(range: Range): { nextv(size: number): Promise<unknown[]>; close(): Promise<void> };
    createValueStream(range: Range): Stream;
  };

  export type Lock = (key: string, run: (release: (done?: Callback) => Callback) => void) => void;
  export type SubStore = { lock: Lock; createKeyStream(): Stream };
  export type DynaliteStore = {
    db: DynaliteLevel;
    tableDb: SubStore;
    getItemDb(table: string): SubStore;
    deleteItemDb(table: string, callback: Callback): void;
    deleteIndexDb(kind: string, table: string, index: string, callback: Callback): void;
  };
  export type Action = (store: DynaliteStore, input: object, callback: Callback<object>) => void;
}
