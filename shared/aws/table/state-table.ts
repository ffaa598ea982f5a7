import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { StateIndex } from "../../model/state-access.ts";
import { fromItem, type Item, toItem } from "./dynamodb-client.ts";
import { type Condition, conditional, marshalled, namesIn, project, valuesOf } from "./expressions.ts";
import type { Key, KeyRange } from "./keys.ts";
import { tableFailure } from "./store-failure.ts";

export type TableAccess = { client: DynamoDBClient; tableName: string };

const sortedBy: Record<StateIndex | "table", { partition: string; sort: string }> = {
  table: { partition: "pk", sort: "sk" },
  byListing: { partition: "listPk", sort: "listSk" },
  byEmail: { partition: "emailPk", sort: "pk" },
  byAttempt: { partition: "attemptPk", sort: "attemptSk" },
  byWork: { partition: "workPk", sort: "workSk" },
};

/**
 * Single items of the state table. Reads of the table are strongly consistent, those of an index cannot be. Every
 * function throws Failure `store-unavailable` where the table does not answer (whether a write was applied is then
 * unknown), and Failure `invalid-input` for what is too large to be kept.
 */
export type StateTable = {
  get<T>(key: Key, fields?: string[]): Promise<T | undefined>;
  /** False where the condition failed. */
  put(key: Key, fields: object, condition?: Condition): Promise<boolean>;
  /** Change an item without reading it back. False where the condition failed. */
  write(key: Key, change: string, condition: Condition): Promise<boolean>;
  /** The item afterwards; undefined where the condition failed. */
  update<T>(key: Key, change: string, condition: Condition): Promise<T | undefined>;
  /** False where the condition failed. */
  remove(key: Key, condition: Condition): Promise<boolean>;
  /** All items of a range, in order, page by page. `limit` is the size of a page. */
  pages<T>(
    range: KeyRange,
    options?: { index?: StateIndex; fields?: string[]; limit?: number },
  ): AsyncGenerator<T[]>;
  /** How many items a range of an index has. */
  count(range: KeyRange, index: StateIndex): Promise<number>;
  /** Every item of the table of which `when` holds. Reads all of the table. */
  scan<T>(condition: Condition, fields: string[]): AsyncGenerator<T[]>;
};

/** The state table over its client. */
export const createStateTable = ({ client, tableName: TableName }: TableAccess): StateTable => ({
  async get<T>(key: Key, fields?: string[]) {
    const input = { TableName, Key: toItem(key), ConsistentRead: true, ...project(fields) };
    const { Item } = await tried(() => client.send(new GetItemCommand(input)));
    return Item && fromItem<T>(Item);
  },
  async put(key, fields, condition) {
    const Item = marshalled({ ...fields, ...key });
    const input = { TableName, Item, ...(condition ? conditional(condition) : {}) };
    return (await unlessRefused(() => client.send(new PutItemCommand(input)))) !== undefined;
  },
  async write(key, change, condition) {
    const input = { TableName, ...updateOf(key, change, condition) };
    return (await unlessRefused(() => client.send(new UpdateItemCommand(input)))) !== undefined;
  },
  async update<T>(key: Key, change: string, condition: Condition) {
    const input = { TableName, ...updateOf(key, change, condition), ReturnValues: "ALL_NEW" } as const;
    const command = new UpdateItemCommand(input);
    const output = await unlessRefused(() => client.send(command));
    return output && fromItem<T>(output.Attributes ?? {});
  },
  async remove(key, condition) {
    const input = { TableName, Key: toItem(key), ...conditional(condition) };
    return (await unlessRefused(() => client.send(new DeleteItemCommand(input)))) !== undefined;
  },
  async *pages<T>(range: KeyRange, options: { index?: StateIndex; fields?: string[]; limit?: number } = {}) {
    const { index, fields, limit } = options;
    const { partition, sort } = sortedBy[index ?? "table"];
    const when = `#${partition} = :partition AND #${sort} BETWEEN :from AND :to`;
    const input = {
      TableName,
      KeyConditionExpression: when,
      ExpressionAttributeNames: namesIn(when, ...(fields ?? []).map((field) => `#${field}`)),
      ExpressionAttributeValues: valuesOf(range),
      ...(fields ? { ProjectionExpression: fields.map((field) => `#${field}`).join(", ") } : {}),
      ...(index ? { IndexName: index } : { ConsistentRead: true }),
      ...(limit ? { Limit: limit } : {}),
    };
    yield* paged<T>((start) => client.send(new QueryCommand({ ...input, ...start })));
  },
  async count(range, index) {
    const { partition, sort } = sortedBy[index];
    const when = `#${partition} = :partition AND #${sort} BETWEEN :from AND :to`;
    const input = {
      TableName,
      IndexName: index,
      Select: "COUNT",
      KeyConditionExpression: when,
      ExpressionAttributeNames: namesIn(when),
      ExpressionAttributeValues: valuesOf(range),
    } as const;
    let count = 0;
    let start: { ExclusiveStartKey?: Item } | undefined = {};
    while (start) {
      const from: { ExclusiveStartKey?: Item } = start;
      const page: QueryCommandOutput = await tried(() =>
        client.send(new QueryCommand({ ...input, ...from })),
      );
      count += page.Count ?? 0;
      start = page.LastEvaluatedKey && { ExclusiveStartKey: page.LastEvaluatedKey };
    }
    return count;
  },
  async *scan<T>({ when, values }: Condition, fields: string[]) {
    const projection = fields.map((field) => `#${field}`).join(", ");
    const input = {
      TableName,
      ConsistentRead: true,
      FilterExpression: when,
      ProjectionExpression: projection,
      ExpressionAttributeNames: namesIn(when, projection),
      ...(values ? { ExpressionAttributeValues: valuesOf(values) } : {}),
    };
    yield* paged<T>((start) => client.send(new ScanCommand({ ...input, ...start })));
  },
});

const updateOf = (key: Key, change: string, condition: Condition) => ({
  Key: toItem(key),
  UpdateExpression: change,
  ...conditional(condition, change),
});

/** The first `count` items of what `pages` yields; asks for no page beyond them. */
export const takeFrom = async <T>(
  pages: AsyncIterable<T[]>,
  count = Number.POSITIVE_INFINITY,
): Promise<T[]> => {
  const taken: T[] = [];
  for await (const page of pages) {
    taken.push(...page);
    if (taken.length >= count) return taken.slice(0, count);
  }
  return taken;
};

/** Run a request; its errors become failures. */
export const tried = async <T>(request: () => Promise<T>): Promise<T> => {
  try {
    return await request();
  } catch (error) {
    throw tableFailure(error);
  }
};

const unlessRefused = async <T>(request: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw tableFailure(error);
  }
};

type Page = { Items?: Item[] | undefined; LastEvaluatedKey?: Item | undefined };

async function* paged<T>(read: (start: { ExclusiveStartKey?: Item }) => Promise<Page>): AsyncGenerator<T[]> {
  let start: { ExclusiveStartKey?: Item } | undefined = {};
  while (start) {
    const from: { ExclusiveStartKey?: Item } = start;
    const page: Page = await tried(() => read(from));
    if (page.Items?.length) yield page.Items.map((item) => fromItem<T>(item));
    start = page.LastEvaluatedKey && { ExclusiveStartKey: page.LastEvaluatedKey };
  }
}
