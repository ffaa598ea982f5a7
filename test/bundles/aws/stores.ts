import { randomBytes } from "node:crypto";
import { type DynamoDbEngine, openDynamoDb } from "../../../infra/local/dynamodb/engine.ts";
import { startEmbeddedSecrets } from "../../../infra/local/secrets/embedded-secrets.ts";
import type { Ask } from "../iam/evaluate.ts";
import type { Deployed } from "../stack/deployed.ts";
import { region, secretArn } from "../stack/values.ts";
import { askOfSecrets, asksOfDynamoDb } from "./asks.ts";
import type { Authority } from "./authority.ts";
import { accessDenied, jsonService, type Service } from "./aws-server.ts";
import { openStream, type Stream } from "./stream.ts";

/** @throws AwsError where one of them is denied */
export const requireRights = (authority: Authority, principal: string, asks: readonly Ask[]): void => {
  for (const ask of asks)
    if (!authority.decide(principal, ask)) throw accessDenied(principal, ask.action, ask.resource);
};

export type Stores = {
  services: Service[];
  streams: Map<string, Stream>;
  engine: DynamoDbEngine;
  /** DynamoDB, past IAM: streams tell of what is written. */
  dynamodb(operation: string, input: object): Promise<object>;
  /** Secrets Manager, past IAM. */
  secrets(operation: string, input: object): Promise<object>;
  close(): Promise<void>;
};

/** The embedded DynamoDB and Secrets Manager, with the tables and secrets of the stack, behind IAM. */
export const openStores = async (dataDir: string, stack: Deployed, authority: Authority): Promise<Stores> => {
  const engine = await openDynamoDb(dataDir);
  for (const { name, properties } of stack.tables) {
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, TimeToLiveSpecification } = properties;
    const table = { TableName: name, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes };
    await engine.call("CreateTable", { ...table, BillingMode: "PAY_PER_REQUEST" }, "wire");
    if (TimeToLiveSpecification)
      await engine.call("UpdateTimeToLive", { TableName: name, TimeToLiveSpecification }, "wire");
  }
  const own = { accessKeyId: "unused", secretAccessKey: randomBytes(20).toString("hex"), region };
  const secrets = await startEmbeddedSecrets({ dataDir, keys: own });
  for (const { name } of stack.secrets) {
    const SecretString = randomBytes(48).toString("base64url");
    await secrets.call("CreateSecret", {
      Name: name,
      SecretString,
      ClientRequestToken: randomBytes(16).toString("hex"),
    });
  }
  const call = (operation: string, input: object) => engine.call(operation, input, "wire");
  const streams = new Map(
    stack.tables.flatMap((table) =>
      table.streamArn ? [[table.streamArn, openStream(table, call)] as const] : [],
    ),
  );
  const streamed = [...streams.values()].reduce<typeof call>(
    (next, stream) => (operation, input) => stream.watch(operation, input, next),
    call,
  );
  const dynamodb = jsonService(
    "dynamodb",
    "application/x-amz-json-1.0",
    async (principal, operation, input) => {
      requireRights(authority, principal, asksOfDynamoDb(operation, input, stack.tables));
      return await streamed(operation, input);
    },
  );
  const secretsManager = jsonService(
    "secretsmanager",
    "application/x-amz-json-1.1",
    async (principal, operation, input) => {
      requireRights(authority, principal, [askOfSecrets(operation, input, secretArn)]);
      // The embedded store has ARNs of its own, so it is asked by names.
      const name = stack.secrets.find(({ arn }) => arn === input.SecretId)?.name;
      return await secrets.call(operation, name === undefined ? input : { ...input, SecretId: name });
    },
  );
  return {
    services: [dynamodb, secretsManager],
    streams,
    engine,
    dynamodb: streamed,
    secrets: secrets.call,
    async close() {
      await secrets.close();
      await engine.close();
    },
  };
};
