import { setTimeout as sleepFor } from "node:timers/promises";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { timeEnds } from "../../common/within-time.ts";

/** What DynamoDB refuses unread, since a table, a partition or the account takes no more at the moment. */
const throttled: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
]);

const firstMs = 50;
/** Tables are counted by the second: longer waits help nobody, and keep the unlucky ones of many at once behind. */
const longestMs = 500;

export type Waiting = { now(): number; sleep(ms: number): Promise<unknown>; random(): number };
const usual: Waiting = { now: () => Date.now(), sleep: (ms) => sleepFor(ms), random: Math.random };

/**
 * Waits before the try after `tries`: twice as long each time, up to half a second, by chance between none and that, so that
 * those who were refused together do not come back together. The last try comes as the time of the call ends; false after it.
 */
export const waitForTable = async (
  tries: number,
  { now, sleep, random }: Waiting = usual,
): Promise<boolean> => {
  const leftMs = timeEnds(now()) - now();
  if (leftMs <= 0) return false;
  await sleep(Math.min(random() * Math.min(firstMs * 2 ** tries, longestMs), leftMs));
  return true;
};

/**
 * Lets a client wait for a table that takes no more at the moment, for as long as the call has time. The SDK itself gives up
 * after three tries, within a second, and after none where many requests at once have used up its allowance of repeats. A
 * request that was refused so has had no effect, so a write can be repeated.
 */
export const waitWhileThrottled = (client: DynamoDBClient, waiting?: Waiting): void =>
  client.middlewareStack.add(
    (next) => async (args) => {
      for (let tries = 0; ; tries += 1) {
        try {
          return await next(args);
        } catch (error) {
          const isThrottled = error instanceof Error && throttled.has(error.name);
          if (!isThrottled || !(await waitForTable(tries, waiting))) throw error;
        }
      }
    },
    { step: "initialize", priority: "high", name: "waitWhileThrottled" },
  );
