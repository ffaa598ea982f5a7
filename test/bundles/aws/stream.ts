import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { DeployedTable } from "../stack/deployed.ts";
import { region } from "../stack/values.ts";

type Item = Record<string, unknown>;
type Call = (operation: string, input: object) => Promise<object>;
/** A record as Lambda gets it. */
export type StreamRecord = {
  eventID: string;
  eventName: "INSERT" | "MODIFY" | "REMOVE";
  eventVersion: string;
  eventSource: string;
  awsRegion: string;
  dynamodb: {
    Keys: Item;
    NewImage?: Item;
    OldImage?: Item;
    ApproximateCreationDateTime: number;
    SequenceNumber: string;
    StreamViewType: string;
  };
  eventSourceARN: string;
};
export type Stream = {
  /** Carries the operation out by `next` and records what it changed in this table. */
  watch(operation: string, input: object, next: Call): Promise<object>;
  /** Each is told of every record, in order. */
  listeners: ((record: StreamRecord) => void)[];
};

type Write = { TableName?: string; Key?: Item; Item?: Item; RequestItems?: Record<string, WriteRequest[]> };
type WriteRequest = { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } };

/** The stream of a table: a record for each item that a write has changed, with the images that the table asks for. */
export const openStream = (table: DeployedTable, call: Call): Stream => {
  const keyNames = table.properties.KeySchema.map(({ AttributeName }) => AttributeName);
  const view = table.properties.StreamSpecification?.StreamViewType ?? "KEYS_ONLY";
  const keyOf = (item: Item): Item => Object.fromEntries(keyNames.map((name) => [name, item[name]]));
  const read = async (key: Item): Promise<Item | undefined> => {
    const input = { TableName: table.name, Key: key, ConsistentRead: true };
    return ((await call("GetItem", input)) as { Item?: Item }).Item;
  };
  let sequence = 0;
  const recordOf = (key: Item, before: Item | undefined, after: Item | undefined): StreamRecord => ({
    eventID: randomUUID(),
    eventName: after === undefined ? "REMOVE" : before === undefined ? "INSERT" : "MODIFY",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: region,
    dynamodb: {
      Keys: key,
      ...(view.startsWith("NEW") && after ? { NewImage: after } : {}),
      ...(view.includes("OLD") && before ? { OldImage: before } : {}),
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      SequenceNumber: String(++sequence).padStart(21, "0"),
      StreamViewType: view,
    },
    eventSourceARN: table.streamArn ?? "",
  });
  /** One write after the other: what stands before and after it is then its own. */
  let last: Promise<unknown> = Promise.resolve();
  const stream: Stream = {
    listeners: [],
    watch(operation, input, next) {
      const keys = keysWritten(operation, input as Write, table.name).map(keyOf);
      if (keys.length === 0) return next(operation, input);
      const write = async () => {
        const before = await Promise.all(keys.map(read));
        try {
          return await next(operation, input);
        } finally {
          const after = await Promise.all(keys.map(read));
          for (const [at, key] of keys.entries()) {
            if (isDeepStrictEqual(before[at], after[at])) continue;
            const record = recordOf(key, before[at], after[at]);
            for (const listener of stream.listeners) listener(record);
          }
        }
      };
      const done = last.then(write);
      last = done.catch(() => undefined);
      return done;
    },
  };
  return stream;
};

/** Items or keys that a write names in the table. */
const keysWritten = (operation: string, input: Write, table: string): Item[] => {
  if (operation === "BatchWriteItem")
    return (input.RequestItems?.[table] ?? []).map(
      (one) => one.PutRequest?.Item ?? one.DeleteRequest?.Key ?? {},
    );
  if (input.TableName !== table) return [];
  if (operation === "PutItem") return [input.Item ?? {}];
  return ["UpdateItem", "DeleteItem"].includes(operation) ? [input.Key ?? {}] : [];
};
