import { BatchGetItemCommand, BatchWriteItemCommand, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { chunksOf } from "../../common/chunks.ts";
import { concurrently } from "../../common/concurrently.ts";
import { fromItem, type Item, storeUnavailable, toItem } from "./dynamodb-client.ts";
import { marshalled } from "./expressions.ts";
import type { Key } from "./keys.ts";
import { type TableAccess, tried } from "./state-table.ts";
import { waitForTable } from "./throttling.ts";

/** Batches under way at a time; DynamoDB takes 100 reads or 25 writes in one. */
const batchesAtOnce = 16;

/** Many items at once, unconditionally; the batch is not one write: any part of it may be there after a failure. */
export type Batches = {
  /** The items that are there, strongly consistent, in the order of the keys. */
  get<T>(keys: Key[]): Promise<T[]>;
  /** Put and delete; no key twice. */
  write(changes: { put?: (Key & object)[]; remove?: Key[] }): Promise<void>;
};

/**
 * Batches on a table. What DynamoDB leaves unprocessed is sent again, more slowly each time that nothing moves, for as long
 * as the call has time; then both functions throw Failure `store-unavailable`.
 */
export const createBatches = ({ client, tableName }: TableAccess): Batches => ({
  get: (keys) => readBatches({ client, tableName }, keys, { ConsistentRead: true }),
  async write({ put = [], remove = [] }) {
    const requests: WriteRequest[] = [
      ...put.map((item) => ({ PutRequest: { Item: marshalled(item) } })),
      ...remove.map(({ pk, sk }) => ({ DeleteRequest: { Key: toItem({ pk, sk }) } })),
    ];
    const write = async (chunk: WriteRequest[]) => {
      const RequestItems = { [tableName]: chunk };
      const output = await tried(() => client.send(new BatchWriteItemCommand({ RequestItems })));
      return output.UnprocessedItems?.[tableName] ?? [];
    };
    await concurrently(chunksOf(requests, 25), batchesAtOnce, (chunk) => untilDone(chunk, write));
  },
});

/**
 * `Batches.get` alone, for bundles that write no batch. Without `ConsistentRead` it costs half, and may miss what was
 * written just before.
 */
export const readBatches = async <T>(
  { client, tableName }: TableAccess,
  keys: Key[],
  consistency: { ConsistentRead?: true },
): Promise<T[]> => {
  const unique = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
  const found = new Map<string, T>();
  const read = async (Keys: Item[]) => {
    const RequestItems = { [tableName]: { Keys, ...consistency } };
    const output = await tried(() => client.send(new BatchGetItemCommand({ RequestItems })));
    for (const item of output.Responses?.[tableName] ?? []) {
      const read = fromItem<Key & T>(item);
      found.set(nameOf(read), read);
    }
    return output.UnprocessedKeys?.[tableName]?.Keys ?? [];
  };
  await concurrently(chunksOf(unique.map(toItem), 100), batchesAtOnce, (chunk) => untilDone(chunk, read));
  return unique.map((key) => found.get(nameOf(key))).filter((item) => item !== undefined);
};

const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

const untilDone = async <R>(requests: R[], send: (requests: R[]) => Promise<R[]>): Promise<void> => {
  let waiting = requests;
  for (let idle = 0; ; ) {
    const left = await send(waiting);
    if (left.length === 0) return;
    idle = left.length < waiting.length ? 0 : idle + 1;
    waiting = left;
    if (!(await waitForTable(idle))) throw storeUnavailable(new Error(`${left.length} requests unprocessed`));
  }
};
