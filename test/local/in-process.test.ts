import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException as NoSecret,
} from "@aws-sdk/client-secrets-manager";
import { expect, onTestFinished, test, vi } from "vitest";
import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { choosePorts, explainTakenPort, readPorts } from "../../infra/local/embedded-ports.ts";
import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { inProcessHandler } from "../../infra/local/in-process/handler.ts";
import { createSecretsClient } from "../../shared/aws/secrets/secrets-client.ts";
import { createThings, dataFolder, givenDynamoDb, givenSecrets, putThing, thingsClient } from "./steps.ts";

const givenThings = async () => {
  const engine = await openDynamoDb(dataFolder());
  onTestFinished(() => engine.close());
  const client = thingsClient(engine);
  await createThings(client);
  return { engine, client };
};

test("given a client in process, when a request is refused, then the SDK's own exception is thrown, with its fields", async () => {
  const { client } = await givenThings();
  await putThing(client, 1);
  const again = new PutItemCommand({
    TableName: "things",
    Item: { pk: { S: "p1" }, sk: { S: "s1" } },
    ConditionExpression: "attribute_not_exists(pk)",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  const refused = await client.send(again).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConditionalCheckFailedException);
  expect(refused).toMatchObject({ Item: { color: { S: "c1" } }, $metadata: { httpStatusCode: 400 } });
  const missing = client.send(new DescribeTableCommand({ TableName: "missing" }));
  await expect(missing).rejects.toBeInstanceOf(ResourceNotFoundException);
  const twice = new BatchGetItemCommand({
    RequestItems: {
      things: {
        Keys: [
          { pk: { S: "a" }, sk: { S: "b" } },
          { sk: { S: "b" }, pk: { S: "a" } },
        ],
      },
    },
  });
  await expect(client.send(twice)).rejects.toMatchObject({ name: "ValidationException" });
});

test("given what AWS would refuse of this code, when it is sent in process, then it is refused there too", async () => {
  const { client } = await givenThings();
  const base = { TableName: "things", KeyConditionExpression: "pk = :pk" };
  const values = { ":pk": { S: "p1" } };
  const wrong = [
    new QueryCommand({ ...base, ExpressionAttributeValues: { ...values, ":unused": { S: "x" } } }),
    new QueryCommand({
      ...base,
      ExpressionAttributeValues: values,
      ExpressionAttributeNames: { "#no": "x" },
    }),
    new QueryCommand({
      TableName: "things",
      KeyConditionExpression: "color = :pk",
      ExpressionAttributeValues: values,
    }),
    new QueryCommand({ ...base, ExpressionAttributeValues: values, FilterExpression: "sk = :pk" }),
    new QueryCommand({ ...base, ExpressionAttributeValues: values, Limit: 0 }),
    new QueryCommand({ TableName: "things", KeyConditions: { pk: { ComparisonOperator: "EQ" } } }),
    new GetItemCommand({ TableName: "things", Key: { pk: { S: "p" } } }),
    new PutItemCommand({ TableName: "things", Item: { pk: { S: "p" }, sk: { S: "" } } }),
    new PutItemCommand({ TableName: "things", Item: { pk: { S: "p" }, sk: { S: "s" }, n: { N: "1e130" } } }),
    new PutItemCommand({
      TableName: "things",
      Item: { pk: { S: "p" }, sk: { S: "s" }, big: { S: "x".repeat(410_000) } },
    }),
  ];
  for (const command of wrong) {
    await expect(client.send(command as GetItemCommand)).rejects.toMatchObject({
      name: "ValidationException",
    });
  }
});

test("given an answer in process, when its reader changes it, then what is kept does not change", async () => {
  const { client } = await givenThings();
  const item = { pk: { S: "p" }, sk: { S: "s" }, list: { L: [{ S: "kept" }] } };
  await client.send(new PutItemCommand({ TableName: "things", Item: item }));
  item.list.L.push({ S: "later" });
  const get = new GetItemCommand({ TableName: "things", Key: { pk: item.pk, sk: item.sk } });
  const { Item } = await client.send(get);
  Item?.list?.L?.push({ S: "by a reader" });
  expect((await client.send(get)).Item?.list).toEqual({ L: [{ S: "kept" }] });
});

test("given keys with accents, emoji and NUL, when they are queried, then pages sort by their UTF-8 bytes", async () => {
  const { client } = await givenDynamoDb();
  await createThings(client);
  const keys = ["a", "a\0", "a\0b", "b", "z", "é", "ﬀ", "😀"];
  for (const sk of [...keys].reverse()) {
    await client.send(new PutItemCommand({ TableName: "things", Item: { pk: { S: "p" }, sk: { S: sk } } }));
  }
  const read = async (
    KeyConditionExpression: string,
    values: Record<string, { S: string }>,
    forward = true,
  ) => {
    const found: string[] = [];
    let start: Record<string, { S: string }> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: "things",
          KeyConditionExpression,
          ExpressionAttributeValues: { ":pk": { S: "p" }, ...values },
          ScanIndexForward: forward,
          Limit: 3,
          ...(start && { ExclusiveStartKey: start }),
        }),
      );
      found.push(...Items.map(({ sk }) => sk?.S ?? ""));
      start = LastEvaluatedKey as typeof start;
    } while (start);
    return found;
  };
  expect(await read("pk = :pk", {})).toEqual(keys);
  expect(await read("pk = :pk", {}, false)).toEqual([...keys].reverse());
  expect(await read("pk = :pk AND begins_with(sk, :a)", { ":a": { S: "a" } })).toEqual(["a", "a\0", "a\0b"]);
  expect(await read("pk = :pk AND sk BETWEEN :a AND :b", { ":a": { S: "a\0" }, ":b": { S: "z" } })).toEqual([
    "a\0",
    "a\0b",
    "b",
    "z",
  ]);
  expect(await read("pk = :pk AND sk > :a", { ":a": { S: "z" } })).toEqual(["é", "ﬀ", "😀"]);
});

test("given Secrets Manager in process, when the SDK's client uses it, then it answers as AWS does", async () => {
  const { call } = await givenSecrets();
  const client = createSecretsClient({
    region: "us-east-1",
    credentials: { accessKeyId: "unused", secretAccessKey: "unused" },
    endpoint: "http://127.0.0.1:1",
    ...inProcessHandler(call),
  });
  onTestFinished(() => client.destroy());
  await client.send(new CreateSecretCommand({ Name: "one", SecretString: "kept" }));
  const { SecretString, CreatedDate } = await client.send(new GetSecretValueCommand({ SecretId: "one" }));
  expect(SecretString).toBe("kept");
  expect(CreatedDate).toBeInstanceOf(Date);
  const missing = client.send(new GetSecretValueCommand({ SecretId: "two" }));
  await expect(missing).rejects.toBeInstanceOf(NoSecret);
});

test("given fixed ports, when a run starts twice, then its endpoints stay and a taken port is named", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const dataDir = dataFolder();
  const first = await startEmbeddedRun({ port: 0, dataDir });
  const portOf = (url: string) => Number(new URL(url).port);
  const ports = { port: 0, dynamodbPort: portOf(first.dynamodbUrl), secretsPort: portOf(first.secretsUrl) };
  const other = startEmbeddedRun({ ...ports, dataDir: dataFolder() });
  const told = await other.catch((error: unknown) => explainTakenPort(error, ports));
  expect(told).toBe(
    `port ${ports.dynamodbPort}, for the DynamoDB endpoint, is taken by another program. Set USHER_DYNAMODB_PORT to another port, or end that program.`,
  );
  await first.close();
  const second = await startEmbeddedRun({ ...ports, dataDir });
  onTestFinished(() => second.close());
  expect([second.dynamodbUrl, second.secretsUrl]).toEqual([first.dynamodbUrl, first.secretsUrl]);
});

test("the ports are neighbours unless they are set", () => {
  expect(readPorts({})).toEqual({ port: 8787, dynamodbPort: 8788, secretsPort: 8789, sandboxPort: 8790 });
  expect(readPorts({ USHER_PORT: "0" })).toEqual({
    port: 0,
    dynamodbPort: 0,
    secretsPort: 0,
    sandboxPort: 0,
  });
  expect(readPorts({ USHER_PORT: "9000", USHER_SECRETS_PORT: "1234" })).toEqual({
    port: 9000,
    dynamodbPort: 9001,
    secretsPort: 1234,
    sandboxPort: 9003,
  });
  expect(() => readPorts({ USHER_DYNAMODB_PORT: "0x10" })).toThrow("USHER_DYNAMODB_PORT must be a port");
});

test("a neighbour that is taken gives way to any port, and one that was set does not", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port: taken } = other.address() as AddressInfo;
  expect(await choosePorts({ USHER_PORT: String(taken - 1) })).toMatchObject({ dynamodbPort: 0 });
  const set = { USHER_PORT: "0", USHER_DYNAMODB_PORT: String(taken) };
  expect(await choosePorts(set)).toMatchObject({ dynamodbPort: taken });
});
