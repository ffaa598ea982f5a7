/** Gives the table `things` of a folder the newer indexes and the older ones by turns, until it is killed: `<data folder>`. */

import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { fitIndexes } from "../../infra/local/dynamodb/fit-indexes.ts";
import { answerInProcess } from "../../infra/local/in-process/commands.ts";
import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";
import { newer, older } from "./things-shapes.ts";

const engine = await openDynamoDb(process.argv[2] ?? "");
const client = answerInProcess(createDynamoDbClient({ region: "us-east-1" }), (operation, input) =>
  engine.call(operation, input, "sdk"),
);
console.log("begun");
for (;;) for (const shape of [newer, older]) await fitIndexes(client, "things", shape);
