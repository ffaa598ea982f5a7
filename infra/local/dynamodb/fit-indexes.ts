import {
  DescribeTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndexDescription,
  type GlobalSecondaryIndexUpdate,
  UpdateTableCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { isSameIndex, keyAttributesOf, toIndex } from "../../../shared/aws/table/table-requests.ts";
import type { TableShape } from "../../../shared/aws/table/tables.ts";

/**
 * Brings the indexes of a table that is there to those of its shape, one at a time: what an earlier release had and this
 * one does not goes, and what is new is filled from the items. Safe to be cut off anywhere: the next start goes on.
 */
export const fitIndexes = async (client: DynamoDBClient, name: string, shape: TableShape): Promise<void> => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  const there = Table?.GlobalSecondaryIndexes ?? [];
  const isWanted = (index: GlobalSecondaryIndexDescription) =>
    shape.indexes.some((wanted) => isSameIndex(index, wanted));
  const gone = there.filter((index) => !isWanted(index));
  const missing = shape.indexes.filter((wanted) => !there.some((index) => isSameIndex(index, wanted)));
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
