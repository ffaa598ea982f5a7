// What this project uses of dynalite 4.0.0, which has no types of its own: its knowledge of DynamoDB's rules, and its
// store to read what version 0.1 kept in it.

declare module "dynalite/db/index.js" {
  import type { DynaliteLevel, Refusal, Section, Table } from "dynalite/store";

  type Value = Record<string, unknown>;
  type Item = Record<string, Value>;

  /** Opens (lazily) the LevelDB at `path`. */
  export function create(options: { path: string }): { db: DynaliteLevel };
  export function validateKey(key: Item, table: Table): Refusal;
  export function validateItem(item: Item, table: Table): Refusal;
  export function validateUpdates(
    attributes: undefined,
    expression: { sections: Section[]; nestedPaths: object } | undefined,
    table: Table,
  ): Refusal;
  export function validateKeyPaths(nestedPaths: object | undefined, table: Table): Refusal;
  /** What `visit` returned, as soon as it is something. */
  export function traverseIndexes<T>(
    table: Table,
    visit: (attribute: string, type: string) => T,
  ): T | undefined;
  /** A number or bytes (in base64) as text of the same order. */
  export function toLexiStr(content: unknown, type: string): string;
  /** Bytes of an item, by DynamoDB's rules; with all options as a page counts them. */
  export function itemSize(item: Item, compress?: boolean, addMetaSize?: boolean, rangeKey?: string): number;
  export function addConsumedCapacity(
    request: { TableName: string; ReturnConsumedCapacity?: string; ConsistentRead?: boolean },
    isRead: boolean,
    one: Item | undefined,
    other?: Item,
  ): { CapacityUnits: number } | undefined;
  export function compare(
    comparison: string,
    value: Value | undefined,
    others: (Value | undefined)[],
  ): boolean;
  export function mapPath(path: (string | number)[], item: Item): Value | null | undefined;
  export function mapPaths(paths: (string | number)[][], item: Item): Item;
}

declare module "dynalite/validations/index.js" {
  import type { ParamTypes } from "dynalite/store";

  type Value = Record<string, unknown>;

  export function checkTypes(input: object, types: ParamTypes): Record<string, unknown>;
  export function checkValidations(input: object, types: ParamTypes, custom: unknown, store: object): void;
  /** What is wrong with it; brings numbers into plain notation. */
  export function validateAttributeValue(value: Value): string | undefined;
  /** What is wrong; else it adds the parsed expressions to `data`. */
  export function validateExpressions(data: object): string | undefined;
  export function validateConditions(
    conditions: Record<string, { ComparisonOperator: string; AttributeValueList: Value[] }>,
  ): string | undefined;
  /** What is wrong, or the conditions by attribute. */
  export function convertKeyCondition(
    expression: object,
  ): string | Record<string, { ComparisonOperator: string; AttributeValueList: Value[] }>;
}

// Types only: dynalite has no such module.
declare module "dynalite/store" {
  export type ParamTypes = Record<string, unknown>;
  export type Refusal =
    | { statusCode: number; body: { __type: string } & Record<string, unknown> }
    | null
    | undefined;
  export type Table = { KeySchema: { AttributeName: string }[] };
  export type Section = { type: string; path: (string | number)[] };
  export type Range = { gte?: string; lt?: string; lte?: string };

  export type DynaliteLevel = {
    open(options: { createIfMissing: boolean }): Promise<void>;
    close(): Promise<void>;
    keys(range: Range): AsyncIterable<string>;
    iterator(range: Range): AsyncIterable<[string, unknown]>;
  };
}
