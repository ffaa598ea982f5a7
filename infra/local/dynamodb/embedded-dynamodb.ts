import type { RunKeys } from "../signing/run-keys.ts";
import { type RunningEndpoint, startSignedEndpoint } from "../signing/signed-endpoint.ts";
import { type DynamoDbEngine, openDynamoDb } from "./engine.ts";

type EmbeddedDynamoDb = RunningEndpoint & Pick<DynamoDbEngine, "call" | "expireItems" | "trouble">;
type Serving = { keys: Pick<RunKeys, "accessKeyId" | "secretAccessKey">; port?: number };

/**
 * Starts a DynamoDB-compatible endpoint on 127.0.0.1 over the tables of a data folder. `call` is the way to them for
 * the process itself.
 *
 * @param options `now` is the clock of time to live, in epoch milliseconds; `port` 0, the default, takes any
 * @throws Error of `openDynamoDb`, or the listen error
 */
export async function startEmbeddedDynamoDb(
  options: { dataDir: string; now?: () => number } & Serving,
): Promise<EmbeddedDynamoDb> {
  const { dataDir, now, ...serving } = options;
  const engine = await openDynamoDb(dataDir, now);
  try {
    const endpoint = await serveDynamoDb(engine, serving);
    return {
      ...engine,
      url: endpoint.url,
      async close() {
        await endpoint.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** The signed endpoint alone; the engine stays open when it closes. */
export function serveDynamoDb(engine: DynamoDbEngine, { keys, port = 0 }: Serving): Promise<RunningEndpoint> {
  return startSignedEndpoint({
    service: "dynamodb",
    contentType: "application/x-amz-json-1.0",
    keys,
    port,
    handle: (target, input) => {
      const prefix = "DynamoDB_20120810.";
      const operation = target.startsWith(prefix) ? target.slice(prefix.length) : "";
      return engine.call(operation, input, "wire");
    },
  });
}
