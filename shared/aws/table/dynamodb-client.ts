import { type AttributeValue, DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { Failure } from "../../model/failure.ts";
import { waitWhileThrottled } from "./throttling.ts";

/**
 * The DynamoDB client of every store. Region, credentials and `AWS_ENDPOINT_URL_DYNAMODB` are the SDK's to find;
 * tests pass their own.
 *
 * A request may be repeated inside, also after a lost reply: a conditional write that answers "condition failed" may
 * therefore have been applied by its own first try. Conditions have to tell one's own write from another's.
 */
export const createDynamoDbClient = (config: DynamoDBClientConfig = {}): DynamoDBClient => {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    // The chain of middleware is made once for each command, not for each request, which saves a sixth of the SDK's
    // time.
    cacheMiddleware: true,
    requestHandler: {
      // DynamoDB answers in milliseconds: what takes seconds is a lost packet or a socket that died while the Lambda
      // was frozen, and another try is the cure.
      connectionTimeout: 1000,
      requestTimeout: 3000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
    ...config,
  });
  // The first copies each input and output without secrets, even where there is no log. The second puts the names of
  // SDK and system together anew for each request. Each takes a tenth of the SDK's time.
  client.middlewareStack.remove("loggerMiddleware");
  client.middlewareStack.remove("getUserAgentMiddleware");
  waitWhileThrottled(client);
  return client;
};

export type Item = Record<string, AttributeValue>;

/** A plain object as a DynamoDB item; fields that are undefined are left out, at any depth. */
export const toItem = (value: object): Item => marshall(value, { removeUndefinedValues: true });

/** An item as the plain object that it was made from. The caller vouches for `T`: nothing is checked. */
export const fromItem = <T>(item: Item): T => unmarshall(item) as T;

/** What an error of a store is to a caller. The inner error is kept for the log alone. */
export const storeUnavailable = (cause: unknown, store = "The table"): Failure =>
  cause instanceof Failure
    ? cause
    : new Failure("store-unavailable", `${store} did not answer. Call again.`, {
        retryAfterSeconds: 5,
        cause,
      });
