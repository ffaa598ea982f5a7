import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import {
  type DynamoDBClient,
  ListTagsOfResourceCommand,
  type Tag,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-dynamodb";
import { ownerTag } from "../table/tables.ts";
import { stackStatus } from "./stack-status.ts";

/** CloudFormation's own, for tables of a release that had no tag. */
const madeByTag = "aws:cloudformation:stack-id";

type Clients = { dynamoDb: DynamoDBClient; cloudFormation: CloudFormationClient };
type Claim = { tableArn: string; stackId: string };

/**
 * Two stacks on one table would carry out everything twice, and each would recover what the other one is at.
 *
 * @throws Error where the table is another stack's that is there, with what to do
 */
export const requireFree = async (clients: Clients, { tableArn, stackId }: Claim): Promise<void> => {
  const tags = await tagsOf(clients.dynamoDb, tableArn);
  const owner = tags.get(ownerTag) ?? tags.get(madeByTag);
  if (owner === undefined || owner === stackId || !owner.startsWith("arn:")) return;
  if ((await stackStatus(clients.cloudFormation, owner)) === undefined) return;
  throw new Error(
    `${nameIn(tableArn)} is the table of another stack, ${owner}. Two stacks on one table do everything twice. Restore into a table of its own, or delete that stack first: its tables stay. If it works on another table by now: aws dynamodb tag-resource --resource-arn ${tableArn} --tags Key=${ownerTag},Value=none`,
  );
};

export const claimTable = async (dynamoDb: DynamoDBClient, { tableArn, stackId }: Claim): Promise<void> => {
  const Tags: Tag[] = [{ Key: ownerTag, Value: stackId }];
  await dynamoDb.send(new TagResourceCommand({ ResourceArn: tableArn, Tags }));
};

/** Changes nothing where the table is another's by now. */
export const releaseTable = async (dynamoDb: DynamoDBClient, { tableArn, stackId }: Claim): Promise<void> => {
  const tags = await tagsOf(dynamoDb, tableArn);
  if (tags.get(ownerTag) !== stackId) return;
  await dynamoDb.send(new UntagResourceCommand({ ResourceArn: tableArn, TagKeys: [ownerTag] }));
};

const tagsOf = async (client: DynamoDBClient, ResourceArn: string): Promise<Map<string, string>> => {
  const tags = new Map<string, string>();
  for (let NextToken: string | undefined; ; ) {
    const page = await client.send(new ListTagsOfResourceCommand({ ResourceArn, NextToken }));
    for (const { Key = "", Value = "" } of page.Tags ?? []) tags.set(Key, Value);
    NextToken = page.NextToken;
    if (NextToken === undefined) return tags;
  }
};

const nameIn = (tableArn: string): string => tableArn.slice(tableArn.lastIndexOf("/") + 1);
