import {
  type AttributeDefinition,
  DescribeTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndexDescription,
  type GlobalSecondaryIndexUpdate,
  UpdateTableCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import type { TableShape } from "../../../shared/aws/table/tables.ts";

type IndexShape = TableShape["indexes"][number];

/**
 * Brings the indexes of a table that is there to those of its shape, one at a time: what an earlier release had and this
 * one does not goes, and what is new is filled from the items. Safe to be cut off anywhere: the next start goes on.
 */
export const fitIndexes = async (client: DynamoDBClient, name: string, shape: TableShape): Promise<void> => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  const there = Table?.GlobalSecondaryIndexes ?? [];
  const isWanted = (index: GlobalSecondaryIndexDescription) =>
    shape.indexes.some((wanted) => isSame(index, wanted));
  const gone = there.filter((index) => !isWanted(index));
  const missing = shape.indexes.filter((wanted) => !there.some((index) => isSame(index, wanted)));
  const updates: GlobalSecondaryIndexUpdate[] = [
    ...gone.map(({ IndexName }) => ({ Delete: { IndexName } })),
    ...missing.map((index) => ({ Create: toIndex(index) })),
  ];
  for (const update of updates) {
    console.error(`Table ${name}: ${describe(update)} (once, after the update of Usher).`);
    await client.send(
      new UpdateTableCommand({
        TableName: name,
        AttributeDefinitions: keyAttributesOf(shape),
        GlobalSecondaryIndexUpdates: [update],
      }),
    );
    await waitUntilTableExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 30 }, { TableName: name });
  }
};

const describe = ({ Create, Delete }: GlobalSecondaryIndexUpdate): string =>
  Create ? `making the index ${Create.IndexName}` : `removing the index ${Delete?.IndexName}`;

const isSame = (
  { IndexName, KeySchema = [], Projection }: GlobalSecondaryIndexDescription,
  { name, partitionKey, sortKey, projection }: IndexShape,
): boolean =>
  IndexName === name &&
  KeySchema.map(({ AttributeName }) => AttributeName).join(" ") === `${partitionKey} ${sortKey}` &&
  Projection?.ProjectionType === projection;

export const toIndex = (index: IndexShape) => ({
  IndexName: index.name,
  KeySchema: keySchemaOf(index),
  Projection: { ProjectionType: index.projection },
});

export const keySchemaOf = (keys: { partitionKey: string; sortKey: string }) => [
  { AttributeName: keys.partitionKey, KeyType: "HASH" as const },
  { AttributeName: keys.sortKey, KeyType: "RANGE" as const },
];

/** Every attribute that is a key of the table or of an index; each is a string. */
export const keyAttributesOf = (shape: TableShape): AttributeDefinition[] => {
  const names = [shape, ...shape.indexes].flatMap((keys) => [keys.partitionKey, keys.sortKey]);
  return [...new Set(names)].map((name) => ({ AttributeName: name, AttributeType: "S" }));
};
