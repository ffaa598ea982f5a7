import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Operation } from "./observe-store.ts";

const commands = {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
};
type Send = (command: object) => Promise<unknown>;

/**
 * Repeats recorded storage calls through the SDK with other ids put in, so that every condition holds as it did the
 * first time. What was under way together is sent together.
 */
export const replayer = (client: DynamoDBClient, operations: Operation[]) => {
  const send = client.send.bind(client) as unknown as Send;
  const steps = [...Map.groupBy(operations, ({ step }) => step).values()].map((step) =>
    step.map(({ command, input }) => ({ Command: commandOf(command), text: JSON.stringify(input) })),
  );
  return async (names: Record<string, string>): Promise<void> => {
    for (const step of steps) {
      await Promise.all(
        step.map(({ Command, text }) =>
          send(new Command(JSON.parse(renamed(text, names)) as never)).catch(unlessThere),
        ),
      );
    }
  };
};

/** An event that is on record already is put once more by whoever dispatches the change, to no effect. */
const unlessThere = (error: unknown): void => {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
};

/** The text with each key of `names` replaced by its value. */
export const renamed = (text: string, names: Record<string, string>): string =>
  Object.entries(names).reduce((changed, [from, to]) => changed.replaceAll(from, to), text);

const commandOf = (name: string): (new (input: never) => object) => {
  const found = Object.entries(commands).find(([known]) => known === name);
  if (!found) throw new Error(`cannot replay ${name}`);
  return found[1];
};
