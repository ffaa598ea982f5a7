import { setTimeout as sleep } from "node:timers/promises";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { createCloudFormationClient } from "../shared/aws/adoption/cloudformation-client.ts";
import { answerCustomResource } from "../shared/aws/adoption/custom-resource.ts";
import { useTable } from "../shared/aws/adoption/use-table.ts";
import { createDynamoDbClient } from "../shared/aws/table/dynamodb-client.ts";

/** Asked by CloudFormation, for each of the two tables, when the stack is made and when the choice of its table changes. */
export const handler = (event: CloudFormationCustomResourceEvent): Promise<void> =>
  answerCustomResource(event, "adopt-table", () => {
    const clients = { dynamoDb: createDynamoDbClient(), cloudFormation: createCloudFormationClient() };
    return useTable({ ...clients, sleep }, event);
  });
