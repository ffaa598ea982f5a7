import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { logError } from "../../telemetry/log.ts";
import { eventsTable, stateTable } from "../table/tables.ts";
import { type AdoptionTools, adoptTable } from "./adopt-table.ts";
import type { Answer } from "./custom-resource.ts";
import { stackStatus } from "./stack-status.ts";
import { releaseTable } from "./table-owner.ts";

/** Which table a stack is to work on, as the template has it; CloudFormation makes text of everything. */
export type Use = {
  Kind: "state" | "events";
  /** Absent where the stack makes the table itself. */
  TableName?: string;
  TableArn?: string;
  /** Names of its indexes: another one asks for the table to be looked at again. */
  Indexes?: string;
  /** There where an empty table is what is wanted. */
  IsNewWanted?: string;
};

const shapes = { state: stateTable, events: eventsTable };

/**
 * One request of CloudFormation about the table that a stack works on: adopts the one that is named, and lets no deploy go
 * from there to an empty table because the name was left out.
 *
 * @returns `TableName` and `StreamArn`, where a table is named
 * @throws Error which says what is wrong and what to do
 */
export const useTable = async (
  tools: AdoptionTools,
  event: CloudFormationCustomResourceEvent,
): Promise<Answer> => {
  const { StackId: stackId } = event;
  const use = event.ResourceProperties as unknown as Use;
  if (event.RequestType === "Delete") {
    await letGo(tools.dynamoDb, use, stackId);
    return { id: event.PhysicalResourceId };
  }
  const { Kind: kind, TableName: tableName } = use;
  if (tableName !== undefined) {
    const wanted = { tableName, shape: shapes[kind], stackId };
    const { streamArn } = await adoptTable(tools, wanted);
    return { id: tableName, data: { TableName: tableName, StreamArn: streamArn } };
  }
  const before = event.RequestType === "Update" ? (event.OldResourceProperties as unknown as Use) : undefined;
  if (before?.TableName !== undefined && use.IsNewWanted === undefined)
    await refuseForgotten(tools.cloudFormation, { kind, tableName: before.TableName, stackId });
  return { id: "own" };
};

/** CloudFormation asks for the same where it takes back a deploy that failed. */
const refuseForgotten = async (
  client: CloudFormationClient,
  { kind, tableName, stackId }: { kind: Use["Kind"]; tableName: string; stackId: string },
): Promise<void> => {
  if ((await stackStatus(client, stackId)) !== "UPDATE_IN_PROGRESS") return;
  throw new Error(
    `This stack works on the table ${tableName}, and the deploy does not name it. Deploy with -c ${kind}Table=${tableName}, best once in the context of cdk.json. To begin with an empty table instead: -c ${kind}Table=new`,
  );
};

/** A tag that stays says whose the table was, and that stack is asked for: nothing is lost where this fails. */
const letGo = async (client: DynamoDBClient, { TableArn: tableArn }: Use, stackId: string): Promise<void> => {
  if (tableArn === undefined) return;
  await releaseTable(client, { tableArn, stackId }).catch((error: unknown) =>
    logError(error, { function: "adopt-table" }),
  );
};
