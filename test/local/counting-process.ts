import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { openSecretFile } from "../../infra/local/secrets/secret-file.ts";
import { makeOrReadRunKeys } from "../../infra/local/signing/run-keys.ts";

/**
 * Counts in a data folder for as long as it lives: an item for each number, the next one once the last is on the disk, and each
 * so large that the log is begun anew after a few hundred. Prints each number that is done.
 */
const dataDir = process.argv[2] ?? "";
const engine = await openDynamoDb(dataDir);
makeOrReadRunKeys(dataDir);
await openSecretFile(dataDir).write([]);
const TableName = "counted";
await engine
  .call(
    "CreateTable",
    {
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    },
    "sdk",
  )
  .catch(() => undefined);
const filler = "x".repeat(40_000);
for (let count = 1; ; count += 1) {
  await engine.call(
    "PutItem",
    { TableName, Item: { pk: { S: String(count) }, filler: { S: filler } } },
    "sdk",
  );
  process.stdout.write(`${count}\n`);
}
