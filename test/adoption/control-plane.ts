import { CloudFormationClient, type DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import type { DynamoDBClient, TableDescription } from "@aws-sdk/client-dynamodb";
import { answerInProcess } from "../../infra/local/in-process/commands.ts";
import { AwsError } from "../../infra/local/signing/aws-error.ts";
import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";
import { keyAttributesOf, keySchemaOf, toIndex } from "../../shared/aws/table/table-requests.ts";
import type { TableShape } from "../../shared/aws/table/tables.ts";

/** A table beyond its items: what a restore carries over, and what it does not. */
export type ControlledTable = TableDescription & {
  ttl?: { status: "ENABLED" | "DISABLING"; attribute: string };
  recovers?: boolean;
  /** So often backups are not ready yet. */
  backupsIn?: number;
  tags: Map<string, string>;
};

const arn = (name: string) => `arn:aws:dynamodb:eu-central-1:111122223333:table/${name}`;

/** As RestoreTableToPointInTime leaves it: keys and indexes, and nothing else. */
export const restored = (name: string, shape: TableShape): ControlledTable => ({
  TableName: name,
  TableArn: arn(name),
  TableStatus: "ACTIVE",
  KeySchema: keySchemaOf(shape),
  AttributeDefinitions: keyAttributesOf(shape),
  GlobalSecondaryIndexes: shape.indexes.map(toIndex),
  tags: new Map(),
});

/** The operations of DynamoDB on tables themselves, and its rules: one change of a table at a time, each takes a while. */
export const controlPlane = (tables: ControlledTable[], stacks: Record<string, string> = {}) => {
  const writes: string[] = [];
  const refuse = (type: string, message: string) =>
    new AwsError(400, { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message });
  const get = ({ TableName, ResourceArn }: { TableName?: string; ResourceArn?: string }) => {
    const found = tables.find((one) => one.TableName === TableName || one.TableArn === ResourceArn);
    if (found) return found;
    throw refuse("ResourceNotFoundException", `Requested resource not found: Table: ${TableName} not found`);
  };
  const operations: Record<string, (input: never) => object> = {
    DescribeTable: (input) => {
      const table = get(input);
      const answer = { Table: { ...table } };
      if (table.TableStatus === "UPDATING") table.TableStatus = "ACTIVE";
      return answer;
    },
    UpdateTable: (input: {
      TableName: string;
      DeletionProtectionEnabled?: boolean;
      StreamSpecification?: TableDescription["StreamSpecification"];
      GlobalSecondaryIndexUpdates?: { Create: { IndexName: string } }[];
    }) => {
      const table = get(input);
      if (table.TableStatus !== "ACTIVE")
        throw refuse("ResourceInUseException", "Attempt to change a resource which is still in use");
      const {
        TableName: _,
        DeletionProtectionEnabled: guarded,
        StreamSpecification: stream,
        GlobalSecondaryIndexUpdates: indexes,
      } = input;
      if ([guarded, stream, indexes].filter(Boolean).length !== 1)
        throw refuse("ValidationException", "One change at a time");
      if (guarded) table.DeletionProtectionEnabled = true;
      if (stream) {
        if (table.StreamSpecification?.StreamEnabled)
          throw refuse("ValidationException", "Table already has an enabled stream");
        table.StreamSpecification = stream;
        table.LatestStreamArn = `${table.TableArn}/stream/2026-01-01T00:00:00.000`;
      }
      for (const { Create } of indexes ?? []) table.GlobalSecondaryIndexes?.push(Create);
      table.TableStatus = "UPDATING";
      return {};
    },
    DescribeTimeToLive: (input) => {
      const { ttl } = get(input);
      return {
        TimeToLiveDescription: ttl
          ? { TimeToLiveStatus: ttl.status, AttributeName: ttl.attribute }
          : { TimeToLiveStatus: "DISABLED" },
      };
    },
    UpdateTimeToLive: (input: { TableName: string; TimeToLiveSpecification: { AttributeName: string } }) => {
      const table = get(input);
      if (table.ttl) throw refuse("ValidationException", "TimeToLive is already enabled");
      table.ttl = { status: "ENABLED", attribute: input.TimeToLiveSpecification.AttributeName };
      return {};
    },
    DescribeContinuousBackups: (input) => ({
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: "ENABLED",
        PointInTimeRecoveryDescription: {
          PointInTimeRecoveryStatus: get(input).recovers ? "ENABLED" : "DISABLED",
        },
      },
    }),
    UpdateContinuousBackups: (input) => {
      const table = get(input);
      table.backupsIn = (table.backupsIn ?? 0) - 1;
      if (table.backupsIn >= 0)
        throw refuse("ContinuousBackupsUnavailableException", "Backups are being enabled for the table");
      table.recovers = true;
      return {};
    },
    ListTagsOfResource: (input) => ({
      Tags: [...get(input).tags].map(([Key, Value]) => ({ Key, Value })),
    }),
    TagResource: (input: { ResourceArn: string; Tags: { Key: string; Value: string }[] }) => {
      for (const { Key, Value } of input.Tags) get(input).tags.set(Key, Value);
      return {};
    },
    UntagResource: (input: { ResourceArn: string; TagKeys: string[] }) => {
      for (const key of input.TagKeys) get(input).tags.delete(key);
      return {};
    },
  };
  const dynamoDb: DynamoDBClient = answerInProcess(
    createDynamoDbClient({ region: "eu-central-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } }),
    async (operation, input) => {
      if (!/^(Describe|List)/.test(operation)) writes.push(operation);
      const carryOut = operations[operation];
      if (!carryOut) throw new Error(`${operation} is not answered`);
      return carryOut(input as never);
    },
  );
  const cloudFormation = new CloudFormationClient({ region: "eu-central-1" });
  cloudFormation.middlewareStack.add(
    () => async (args) => {
      const { StackName = "" } = args.input as DescribeStacksCommand["input"];
      const StackStatus = stacks[StackName];
      if (StackStatus === undefined)
        throw Object.assign(new Error(`Stack with id ${StackName} does not exist`), {
          name: "ValidationError",
        });
      const output = { $metadata: {}, Stacks: [{ StackName, StackStatus, CreationTime: new Date(0) }] };
      return { response: undefined, output: output as never };
    },
    { step: "initialize", priority: "high" },
  );
  return { dynamoDb, cloudFormation, writes, sleep: async () => {} };
};
