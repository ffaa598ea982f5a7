import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import {
  ContinuousBackupsUnavailableException,
  DescribeTableCommand,
  type DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { keyAttributesOf, toIndex } from "../table/table-requests.ts";
import { lookAtTable, type Wanted } from "./look-at-table.ts";
import { claimTable, requireFree } from "./table-owner.ts";

/** What it takes to adopt a table; `sleep` waits so many milliseconds. */
export type AdoptionTools = {
  dynamoDb: DynamoDBClient;
  cloudFormation: CloudFormationClient;
  sleep(ms: number): Promise<unknown>;
};

/**
 * Makes a table that is there as good as one that the stack has made: what a restore leaves out (stream, time to live,
 * point-in-time recovery, deletion protection, tags) is set, and an index that it lacks is begun. Nothing is changed
 * before all has been looked at. Safe to run again.
 *
 * @returns the ARN of its stream
 * @throws Error which says why the table cannot be taken, and what to do
 */
export const adoptTable = async (
  { dynamoDb, cloudFormation, sleep }: AdoptionTools,
  wanted: Wanted & { stackId: string },
): Promise<{ streamArn: string }> => {
  const { tableName: TableName, shape, stackId } = wanted;
  const lacks = await lookAtTable(dynamoDb, wanted);
  const { tableArn } = lacks;
  await requireFree({ dynamoDb, cloudFormation }, { tableArn, stackId });
  await claimTable(dynamoDb, { tableArn, stackId });

  const update = (change: Omit<UpdateTableCommandInput, "TableName">) =>
    updateTable(dynamoDb, { TableName, ...change });
  if (lacks.deletionProtection) await update({ DeletionProtectionEnabled: true });
  if (lacks.stream)
    await update({ StreamSpecification: { StreamEnabled: true, StreamViewType: shape.stream } });
  if (lacks.timeToLive) {
    const TimeToLiveSpecification = { AttributeName: shape.ttlAttribute, Enabled: true };
    await dynamoDb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  }
  if (lacks.pointInTimeRecovery) await recoverFromNowOn({ dynamoDb, sleep }, TableName);
  // Last, and not waited for: filling it takes minutes to hours, and nothing else of the table can be changed meanwhile.
  if (lacks.index)
    await update({
      AttributeDefinitions: keyAttributesOf(shape),
      GlobalSecondaryIndexUpdates: [{ Create: toIndex(lacks.index) }],
    });
  const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
  if (Table?.LatestStreamArn === undefined)
    throw new Error(`Table ${TableName} has no stream yet. Deploy again.`);
  return { streamArn: Table.LatestStreamArn };
};

/** DynamoDB takes one change of a table at a time. */
const updateTable = async (client: DynamoDBClient, input: UpdateTableCommandInput): Promise<void> => {
  await ready(client, input.TableName);
  await client.send(new UpdateTableCommand(input));
};

const ready = async (client: DynamoDBClient, TableName: string | undefined): Promise<void> => {
  await waitUntilTableExists({ client, minDelay: 1, maxDelay: 5, maxWaitTime: 240 }, { TableName });
};

const recoverFromNowOn = async (
  { dynamoDb, sleep }: Pick<AdoptionTools, "dynamoDb" | "sleep">,
  TableName: string,
): Promise<void> => {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  for (let tries = 1; ; tries += 1) {
    try {
      await dynamoDb.send(
        new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }),
      );
      return;
    } catch (error) {
      // Backups of a table that was made just now are being set up.
      if (!(error instanceof ContinuousBackupsUnavailableException) || tries === 20) throw error;
      await sleep(10_000);
    }
  }
};
