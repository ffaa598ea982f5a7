import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { paginateScan } from "@aws-sdk/client-dynamodb";
import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { thingsClient } from "./steps.ts";

const require = createRequire(import.meta.url);
type Done = (error: unknown) => void;
type Level = { put(key: string, value: unknown, done: Done): void; close(): Promise<void> };
type Store = { db: Level };
type Action = (store: Store, input: object, done: Done) => void;

const made = (run: (done: Done) => void): Promise<void> =>
  new Promise((resolve, reject) => run((error) => (error ? reject(error) : resolve())));

/** Turns a data folder into what version 0.1 had: its tables, items, indexes and time to live in dynalite's LevelDB. */
export const turnIntoLevelFolder = async (dataDir: string): Promise<void> => {
  const engine = await openDynamoDb(dataDir);
  const client = thingsClient(engine);
  const { create } = require("dynalite/db/index.js");
  const putItem = require("dynalite/actions/putItem.js") as Action;
  const folder = join(dataDir, "dynamodb");
  rmSync(folder, { recursive: true, force: true });
  const store: Store = create({ path: folder });
  const { TableNames = [] } = (await engine.call("ListTables", {}, "sdk")) as { TableNames?: string[] };
  for (const TableName of TableNames) {
    const { Table } = (await engine.call("DescribeTable", { TableName }, "sdk")) as { Table: object };
    await made((done) => store.db.put(`table~${TableName}`, Table, done));
    const { TimeToLiveDescription: ttl } = (await engine.call(
      "DescribeTimeToLive",
      { TableName },
      "sdk",
    )) as {
      TimeToLiveDescription: { AttributeName?: string };
    };
    const { AttributeName } = ttl;
    if (AttributeName) await made((done) => store.db.put(`ttl~${TableName}`, AttributeName, done));
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      for (const Item of Items) await made((done) => putItem(store, { TableName, Item }, done));
    }
  }
  await engine.close();
  await store.db.close();
  rmSync(join(dataDir, "dynamodb.sqlite"));
};
