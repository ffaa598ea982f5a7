import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { hasKeys, type IndexShape, isSameIndex } from "../table/table-requests.ts";
import type { TableShape } from "../table/tables.ts";

/** A table that is to be adopted, and what it has to be. */
export type Wanted = { tableName: string; shape: TableShape };

/** What is still to be done, so that it is as a table that a stack has made. */
export type Lacks = {
  tableArn: string;
  /** The one index that a later release has brought. */
  index?: IndexShape;
  deletionProtection: boolean;
  stream: boolean;
  timeToLive: boolean;
  pointInTimeRecovery: boolean;
};

/**
 * Looks at a table, and changes nothing.
 *
 * @throws Error where it is not there, not ready, or of another shape, with what to do
 */
export const lookAtTable = async (client: DynamoDBClient, wanted: Wanted): Promise<Lacks> => {
  const { tableName: TableName, shape } = wanted;
  const table = await describeTable(client, TableName);
  const missing = missingIndexes(table, wanted);
  const { TimeToLiveDescription: ttl } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  const ttlStatus = ttl?.TimeToLiveStatus ?? "DISABLED";
  if (ttlStatus === "DISABLING" || (ttlStatus !== "DISABLED" && ttl?.AttributeName !== shape.ttlAttribute))
    throw new Error(
      `Items of ${TableName} expire by ${ttl?.AttributeName ?? "nothing"} (${ttlStatus}), not by ${shape.ttlAttribute}. Turn its time to live off, and deploy again an hour later.`,
    );
  const backups = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
  const pitr = backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  return {
    tableArn: table.TableArn ?? "",
    ...(missing && { index: missing }),
    deletionProtection: table.DeletionProtectionEnabled !== true,
    stream: !hasStream(table, shape),
    timeToLive: ttlStatus === "DISABLED",
    pointInTimeRecovery: pitr?.PointInTimeRecoveryStatus !== "ENABLED",
  };
};

const describeTable = async (client: DynamoDBClient, TableName: string): Promise<TableDescription> => {
  const { Table } = await client
    .send(new DescribeTableCommand({ TableName }))
    .catch((error: unknown): { Table?: TableDescription } => {
      if (error instanceof ResourceNotFoundException) return {};
      throw error;
    });
  if (!Table)
    throw new Error(
      `There is no table ${TableName} in this account and region. Those that are there: aws dynamodb list-tables`,
    );
  const { TableStatus: status } = Table;
  if (status === "ACTIVE" || status === "UPDATING") return Table;
  throw new Error(
    `Table ${TableName} is ${status}. A restore takes minutes to hours; wait for it, then deploy again: aws dynamodb wait table-exists --table-name ${TableName}`,
  );
};

/** @throws Error where it is no table of this kind, or lacks more than DynamoDB makes at a time */
const missingIndexes = (
  { KeySchema, GlobalSecondaryIndexes = [] }: TableDescription,
  { tableName, shape }: Wanted,
): IndexShape | undefined => {
  const named = (name: string) => GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === name);
  const known = shape.indexes.filter(({ name }) => named(name));
  if (!hasKeys(KeySchema, shape) || known.length === 0)
    throw new Error(
      `Table ${tableName} is none of this kind: its indexes should be ${shape.indexes.map(({ name }) => name).join(", ")}, and are ${GlobalSecondaryIndexes.map(({ IndexName }) => IndexName).join(", ") || "none"}. Are the two names the wrong way round?`,
    );
  for (const index of known) {
    const there = named(index.name);
    if (there && isSameIndex(there, index)) continue;
    throw new Error(
      `Index ${index.name} of table ${tableName} has other keys than this release reads. Delete the index, wait until it is gone, and deploy again: it is made anew from the items.`,
    );
  }
  const [missing, ...more] = shape.indexes.filter(({ name }) => !named(name));
  if (more.length === 0) return missing;
  throw new Error(
    `Table ${tableName} lacks the indexes ${[missing, ...more].map((index) => index?.name).join(", ")}, and DynamoDB makes one at a time. Restore it with all of its indexes, or make all but one of them first (aws dynamodb update-table).`,
  );
};

/**
 * @throws Error where there is a stream that tells less
 */
const hasStream = (
  { TableName, StreamSpecification: stream }: TableDescription,
  wanted: TableShape,
): boolean => {
  if (stream?.StreamEnabled !== true) return false;
  // Keys are in every stream.
  if (wanted.stream === "KEYS_ONLY" || stream.StreamViewType === "NEW_AND_OLD_IMAGES") return true;
  if (stream.StreamViewType === wanted.stream) return true;
  throw new Error(
    `Table ${TableName} has a stream of ${stream.StreamViewType}, and ${wanted.stream} is needed. Turn it off and deploy again: aws dynamodb update-table --table-name ${TableName} --stream-specification StreamEnabled=false`,
  );
};
