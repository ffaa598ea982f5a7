import { itemSize } from "dynalite/db/index.js";
import type { Item } from "../rows/values.ts";
import { invalid } from "../signing/aws-error.ts";
import { deleteItem, getItem, type ItemInput, maxItemBytes, putItem, type Store } from "./items.ts";

type Consumption = { ConsumedCapacity?: { CapacityUnits: number } };
type Keys = Pick<ItemInput, "ConsistentRead" | "ProjectionExpression" | "ExpressionAttributeNames"> & {
  Keys: Item[];
};
type WriteRequest = { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } };
type Batch<T> = { RequestItems: Record<string, T>; ReturnConsumedCapacity?: string };

export type WriteBatch = Batch<WriteRequest[]>;

const maxAnswerBytes = 16 * 1024 * 1024;

/** What does not fit into 16 MB of an answer comes back as unprocessed. */
export const batchGetItem = (store: Store, input: Batch<Keys>): object => {
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, Keys> = {};
  const units = new Map<string, number>();
  let size = 0;
  const { ReturnConsumedCapacity } = input;
  for (const [TableName, { Keys, ...rest }] of Object.entries(input.RequestItems)) {
    refuseTwice(Keys);
    const found: Item[] = [];
    responses[TableName] = found;
    for (const Key of Keys) {
      const request = { TableName, Key, ...rest, ...(ReturnConsumedCapacity && { ReturnConsumedCapacity }) };
      const { Item, ConsumedCapacity } = getItem(store, request as ItemInput) as {
        Item?: Item;
      } & Consumption;
      units.set(TableName, (units.get(TableName) ?? 0) + (ConsumedCapacity?.CapacityUnits ?? 0));
      size += Item ? itemSize(Item) : 0;
      if (size > maxAnswerBytes - maxItemBytes) {
        unprocessed[TableName] ??= { ...rest, Keys: [] };
        unprocessed[TableName].Keys.push(Key);
      } else if (Item) found.push(Item);
    }
  }
  return { Responses: responses, UnprocessedKeys: unprocessed, ...consumed(input, units) };
};

/** To be run in one transaction. */
export const batchWriteItem = (store: Store, input: WriteBatch): object => {
  const units = new Map<string, number>();
  const { ReturnConsumedCapacity } = input;
  const requests = Object.entries(input.RequestItems);
  if (requests.reduce((sum, [, { length }]) => sum + length, 0) > 25) {
    throw invalid("Too many items requested for the BatchWriteItem call");
  }
  for (const [TableName, writes] of requests) {
    const keys = store.tables.get(TableName).record.KeySchema.map(({ AttributeName }) => AttributeName);
    refuseTwice(
      writes.map(({ PutRequest, DeleteRequest }) => {
        const of = PutRequest?.Item ?? DeleteRequest?.Key ?? {};
        return Object.fromEntries(keys.map((key) => [key, of[key] ?? {}]));
      }),
    );
    for (const { PutRequest, DeleteRequest } of writes) {
      if ((PutRequest === undefined) === (DeleteRequest === undefined)) {
        throw invalid(
          "Supplied AttributeValue has more than one datatypes set or none: give PutRequest or DeleteRequest",
        );
      }
      const request = {
        TableName,
        ...PutRequest,
        ...DeleteRequest,
        ...(ReturnConsumedCapacity && { ReturnConsumedCapacity }),
      };
      const write = PutRequest ? putItem : deleteItem;
      const { ConsumedCapacity } = write(store, request as ItemInput) as Consumption;
      units.set(TableName, (units.get(TableName) ?? 0) + (ConsumedCapacity?.CapacityUnits ?? 0));
    }
  }
  return { UnprocessedItems: {}, ...consumed(input, units) };
};

const refuseTwice = (keys: Item[]): void => {
  const seen = new Set(
    keys.map((key) => JSON.stringify(Object.entries(key).sort(([one], [other]) => (one < other ? -1 : 1)))),
  );
  if (seen.size < keys.length) throw invalid("Provided list of item keys contains duplicates");
};

const consumed = ({ ReturnConsumedCapacity: wanted }: Batch<unknown>, units: Map<string, number>) => {
  if (wanted !== "TOTAL" && wanted !== "INDEXES") return {};
  const told = [...units].map(([TableName, CapacityUnits]) => ({
    TableName,
    CapacityUnits,
    ...(wanted === "INDEXES" ? { Table: { CapacityUnits } } : {}),
  }));
  return { ConsumedCapacity: told };
};
