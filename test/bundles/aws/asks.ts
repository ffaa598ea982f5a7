import type { Ask } from "../iam/evaluate.ts";
import type { DeployedTable } from "../stack/deployed.ts";

type Item = Record<string, { S?: string }>;
type Input = {
  TableName?: string;
  IndexName?: string;
  Key?: Item;
  Item?: Item;
  KeyConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
  RequestItems?: Record<string, unknown>;
};

/**
 * What one request to DynamoDB asks of IAM. `dynamodb:LeadingKeys` are the partition keys that it names, of the index where it
 * reads one.
 *
 * @throws Error for an operation of which this does not know what IAM would ask
 */
export const asksOfDynamoDb = (operation: string, input: Input, tables: readonly DeployedTable[]): Ask[] => {
  const ask = (tableName: string, keys: string[], index?: string): Ask => {
    const table = tables.find(({ name, arn }) => name === tableName || arn === tableName);
    if (!table)
      throw new Error(`${operation} asks for the table ${tableName}, which the stack does not have`);
    return {
      action: `dynamodb:${operation}`,
      resource: index === undefined ? table.arn : `${table.arn}/index/${index}`,
      context: keys.length > 0 ? { "dynamodb:LeadingKeys": keys } : {},
    };
  };
  const partitionOf = (tableName: string, index?: string): string => {
    const { properties } = tables.find(({ name }) => name === tableName) ?? fail(`no table ${tableName}`);
    const one = properties.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index) ?? properties;
    return one.KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? fail("no partition key");
  };
  const { TableName = "", IndexName } = input;
  switch (operation) {
    case "GetItem":
    case "UpdateItem":
    case "DeleteItem":
      return [ask(TableName, keysIn(input.Key, partitionOf(TableName)))];
    case "PutItem":
      return [ask(TableName, keysIn(input.Item, partitionOf(TableName)))];
    case "Query":
      return [ask(TableName, queried(input, partitionOf(TableName, IndexName)), IndexName)];
    case "Scan":
      return [ask(TableName, [], IndexName)];
    case "BatchGetItem":
    case "BatchWriteItem":
      return Object.entries(input.RequestItems ?? {}).map(([name, request]) =>
        ask(name, [...new Set(itemsIn(request).flatMap((item) => keysIn(item, partitionOf(name))))]),
      );
    default:
      throw new Error(`what IAM asks for ${operation} is not known here`);
  }
};

const itemsIn = (request: unknown): Item[] =>
  Array.isArray(request)
    ? request.map((one) => one.PutRequest?.Item ?? one.DeleteRequest?.Key)
    : ((request as { Keys: Item[] }).Keys ?? []);

const keysIn = (item: Item | undefined, attribute: string): string[] => {
  const key = item?.[attribute]?.S;
  return key === undefined ? [] : [key];
};

/** The value that a key condition compares the partition key with. */
const queried = (input: Input, attribute: string): string[] => {
  const {
    KeyConditionExpression: text = "",
    ExpressionAttributeNames: names = {},
    ExpressionAttributeValues = {},
  } = input;
  return [...text.matchAll(/([#\w]+)\s*=\s*(:\w+)/g)]
    .filter(([, name = ""]) => (names[name] ?? name) === attribute)
    .flatMap(([, , value = ""]) => ExpressionAttributeValues[value]?.S ?? []);
};

/** What one request to Secrets Manager asks of IAM; secrets are told by their ARN. */
export const askOfSecrets = (
  operation: string,
  input: {
    SecretId?: string;
    Name?: string;
    RecoveryWindowInDays?: number;
    ForceDeleteWithoutRecovery?: boolean;
  },
  arnOf: (name: string) => string,
): Ask => {
  const { SecretId, Name, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force } = input;
  const id = SecretId ?? Name ?? "";
  return {
    action: `secretsmanager:${operation}`,
    resource: id.startsWith("arn:") ? id : arnOf(id),
    context: {
      ...(days === undefined ? {} : { "secretsmanager:RecoveryWindowInDays": [String(days)] }),
      ...(force === undefined ? {} : { "secretsmanager:ForceDeleteWithoutRecovery": [String(force)] }),
      ...(Name === undefined ? {} : { "secretsmanager:Name": [Name] }),
    },
  };
};

const fail = (message: string): never => {
  throw new Error(message);
};
