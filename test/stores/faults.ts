import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";
import type { TestDynamoDb } from "../support/dynamodb.ts";

const writes = new Set(["PutItemCommand", "UpdateItemCommand", "DeleteItemCommand", "BatchWriteItemCommand"]);
type Client = TestDynamoDb["client"];
type Hook = (nth: number) => void | Promise<void>;

/** A client of its own on the same tables. */
const cloneClient = async ({ client }: TestDynamoDb): Promise<Client> => {
  const { region, credentials, endpoint } = client.config;
  if (!endpoint) throw new Error("the test client has an endpoint");
  return createDynamoDbClient({ region, credentials, endpoint: await endpoint() });
};

/** A client that runs `before` and `after` each write; writes are counted from 1. What they throw the writer sees. */
export const clientWithHooks = async (
  db: TestDynamoDb,
  hooks: { before?: Hook; after?: Hook },
): Promise<Client> => {
  const client = await cloneClient(db);
  let count = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (!writes.has(context.commandName ?? "")) return await next(args);
      count += 1;
      const nth = count;
      await hooks.before?.(nth);
      const output = await next(args);
      await hooks.after?.(nth);
      return output;
    },
    { step: "initialize", name: "testHooks" },
  );
  return client;
};

/** The client of a process that dies with its `nth` write: just before it is sent, or just after it was applied. */
export const dyingClient = (db: TestDynamoDb, nth: number, moment: "before" | "after"): Promise<Client> => {
  let dead = false;
  const die = (at: number) => {
    dead ||= at >= nth;
    if (dead) throw new Error("the process died");
  };
  return clientWithHooks(db, {
    before: (at) => {
      if (dead || moment === "before") die(at);
    },
    ...(moment === "after" ? { after: die } : {}),
  });
};

/** A client that loses the reply of every write once, so that the SDK sends each of them twice. */
export const forgetfulClient = async (db: TestDynamoDb): Promise<Client> => {
  const client = await cloneClient(db);
  const lost = new WeakSet<object>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const output = await next(args);
      // The context belongs to the chain of middleware, which all commands of a kind share.
      if (!writes.has(context.commandName ?? "") || lost.has(args.input)) return output;
      lost.add(args.input);
      throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET", name: "TimeoutError" });
    },
    { step: "deserialize", name: "testLostReplies", priority: "low" },
  );
  return client;
};
