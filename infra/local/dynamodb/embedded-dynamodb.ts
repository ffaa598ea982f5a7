import { setImmediate as nextTurn } from "node:timers/promises";
import type { DynaliteLevel, DynaliteStore } from "dynalite/store";
import { AwsError } from "../signing/aws-error.ts";
import type { RunKeys } from "../signing/run-keys.ts";
import { type RunningEndpoint, startSignedEndpoint } from "../signing/signed-endpoint.ts";
import { callDynalite, isDynaliteOperation } from "./dynalite-call.ts";
import { openStore, readTables, removeTable } from "./dynalite-store.ts";
import { describeTimeToLive, expireItems, updateTimeToLive } from "./item-expiry.ts";
import { createTimeToLive, type TimeToLive } from "./time-to-live.ts";

export type EmbeddedDynamoDb = RunningEndpoint & {
  /** Deletes the items whose time to live has passed, which else happens each minute. Returns how many. */
  expireItems: () => Promise<number>;
};

/**
 * Starts a DynamoDB-compatible endpoint on 127.0.0.1 whose tables are kept in `<dataDir>/dynamodb`. Tables are
 * active as soon as CreateTable answers. Not there: transactions, streams, PartiQL, tags, new indexes on an
 * existing table. An item and its index entries are written together; index reads see every finished write.
 *
 * @param options `now` is the clock of time to live, in epoch milliseconds; `port` 0, the default, takes any
 * @throws Error "data folder … is in use by another run", or the listen error
 */
export async function startEmbeddedDynamoDb(options: {
  dataDir: string;
  keys: Pick<RunKeys, "accessKeyId" | "secretAccessKey">;
  port?: number;
  now?: () => number;
}): Promise<EmbeddedDynamoDb> {
  const { dataDir, keys, port = 0, now = Date.now } = options;
  const timeToLive = createTimeToLive();
  const store = await openStore(dataDir, timeToLive.onChange);
  try {
    await timeToLive.load(store.db);
    const endpoint = await startSignedEndpoint({
      service: "dynamodb",
      contentType: "application/x-amz-json-1.0",
      keys,
      port,
      handle: (target, input) => handleOperation(store, timeToLive, target, input),
    });
    const sweeps = scheduleSweeps(() => expireItems(store, timeToLive, now));
    return {
      url: endpoint.url,
      expireItems: sweeps.run,
      async close() {
        await endpoint.close();
        await sweeps.stop();
        await store.db.close();
      },
    };
  } catch (error) {
    await store.db.close();
    throw error;
  }
}

async function handleOperation(
  store: DynaliteStore,
  timeToLive: TimeToLive,
  target: string,
  input: Record<string, unknown>,
): Promise<object> {
  const operation = target.startsWith("DynamoDB_20120810.") ? target.slice("DynamoDB_20120810.".length) : "";
  if (operation === "UpdateTimeToLive") return updateTimeToLive(store, timeToLive, input);
  if (operation === "DescribeTimeToLive") return describeTimeToLive(store, timeToLive, input);
  if (!isDynaliteOperation(operation)) {
    throw new AwsError(400, { __type: "com.amazon.coral.service#UnknownOperationException" });
  }
  const output = await callDynalite(store, operation, input);
  if (operation.endsWith("Table")) await tableSettled(store.db, String(input.TableName));
  if (operation === "DeleteTable") await forgetTable(store.db, timeToLive, String(input.TableName));
  return output;
}

// dynalite answers before its timer has made the table ACTIVE, or has removed it.
async function tableSettled(db: DynaliteLevel, name: string): Promise<void> {
  for (;;) {
    const table = (await readTables(db)).find((candidate) => candidate.TableName === name);
    if (!table || table.TableStatus === "ACTIVE") return;
    await nextTurn();
  }
}

async function forgetTable(db: DynaliteLevel, timeToLive: TimeToLive, name: string): Promise<void> {
  await timeToLive.set(name, undefined);
  await removeTable(db, name);
}

/** Runs `sweep` each minute, never twice at once; `stop` waits for one that is under way. */
function scheduleSweeps(sweep: () => Promise<number>): {
  run: () => Promise<number>;
  stop: () => Promise<void>;
} {
  let last: Promise<number> = Promise.resolve(0);
  const run = () => {
    last = last.catch(() => 0).then(sweep);
    return last;
  };
  const timer = setInterval(() => run().catch((error) => console.error(error)), 60_000).unref();
  return {
    run,
    async stop() {
      clearInterval(timer);
      await last.catch(() => 0);
    },
  };
}
