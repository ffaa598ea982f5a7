/**
 * Runs one embedded endpoint in a process of its own, so that a test can kill it: `<dynamodb|secrets> <data folder>`.
 */
import { startEmbeddedDynamoDb } from "../../infra/local/dynamodb/embedded-dynamodb.ts";
import { startEmbeddedSecrets } from "../../infra/local/secrets/embedded-secrets.ts";
import { makeOrReadRunKeys } from "../../infra/local/signing/run-keys.ts";

const [kind, dataDir = ""] = process.argv.slice(2);
const keys = makeOrReadRunKeys(dataDir);
const start = kind === "secrets" ? startEmbeddedSecrets : startEmbeddedDynamoDb;
const endpoint = await start({ dataDir, keys });
console.log(endpoint.url);
