import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTables } from "../../infra/local/dynamodb/create-tables.ts";
import { startEmbeddedDynamoDb } from "../../infra/local/dynamodb/embedded-dynamodb.ts";
import { answerInProcess } from "../../infra/local/in-process/commands.ts";
import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";

export type TestDynamoDb = {
  client: DynamoDBClient;
  stateTableName: string;
  eventsTableName: string;
  close(): Promise<void>;
};

/**
 * The embedded store on a folder of its own, with both tables; `close` removes the folder. `client` reaches it in
 * process; a client made for its endpoint does so over HTTP. `now` is its clock of time to live, for tests whose items
 * expire at fixed times.
 */
export const startDynamoDb = async (options: { now?: () => number } = {}): Promise<TestDynamoDb> => {
  const dataDir = await mkdtemp(join(tmpdir(), "usher-dynamodb-"));
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "test-secret-access-key" };
  const endpoint = await startEmbeddedDynamoDb({ dataDir, keys: credentials, ...options });
  const client = answerInProcess(
    createDynamoDbClient({ endpoint: endpoint.url, region: "us-east-1", credentials }),
    (operation, input) => endpoint.call(operation, input, "sdk"),
  );
  const names = { state: "usher-state", events: "usher-events" };
  await createTables(client, names);
  return {
    client,
    stateTableName: names.state,
    eventsTableName: names.events,
    close: async () => {
      client.destroy();
      await endpoint.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
