import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";

export type StoreCounts = { requests: number; writtenItems: number };

type Send = (this: DynamoDBClient, command: { input: object }, ...rest: unknown[]) => Promise<unknown>;

/** Counts what every DynamoDB client of this process is asked for, and keeps nothing of it. */
export const countStore = (): (() => StoreCounts) => {
  const send = DynamoDBClient.prototype.send as unknown as Send;
  let counts: StoreCounts = { requests: 0, writtenItems: 0 };
  const counted: Send = function (command, ...rest) {
    counts.requests += 1;
    counts.writtenItems += itemsWrittenBy(command);
    return send.call(this, command, ...rest);
  };
  Object.defineProperty(DynamoDBClient.prototype, "send", { value: counted });
  /** Since it was last asked. */
  return () => {
    const taken = counts;
    counts = { requests: 0, writtenItems: 0 };
    return taken;
  };
};

const itemsWrittenBy = (command: { input: object }): number => {
  if (command instanceof BatchWriteItemCommand) {
    const lists: WriteRequest[][] = Object.values(command.input.RequestItems ?? {});
    return lists.reduce((sum, { length }) => sum + length, 0);
  }
  const isWrite =
    command instanceof PutItemCommand ||
    command instanceof UpdateItemCommand ||
    command instanceof DeleteItemCommand;
  return isWrite ? 1 : 0;
};
