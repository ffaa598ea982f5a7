import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { keyAttributesOf, keySchemaOf, toIndex } from "../../../shared/aws/table/table-requests.ts";
import { eventsTable, stateTable, type TableShape } from "../../../shared/aws/table/tables.ts";
import { fitIndexes } from "./fit-indexes.ts";

/**
 * Creates the two tables with their indexes and time to live, from the shapes that the CDK stack uses. Tables that
 * exist, as an earlier release has made them, get the indexes of this one; so it runs at every start.
 *
 * @throws the SDK's error where the endpoint does not take it, or after 30 seconds without an active table
 */
export const createTables = async (
  client: DynamoDBClient,
  names: { state: string; events: string },
): Promise<void> => {
  await Promise.all([
    createTable(client, names.state, stateTable),
    createTable(client, names.events, eventsTable),
  ]);
};

const createTable = async (client: DynamoDBClient, name: string, shape: TableShape): Promise<void> => {
  const create = new CreateTableCommand({
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: keyAttributesOf(shape),
    KeySchema: keySchemaOf(shape),
    GlobalSecondaryIndexes: shape.indexes.map(toIndex),
  });
  await client.send(create).catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error;
  });
  await waitUntilTableExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 30 }, { TableName: name });
  await fitIndexes(client, name, shape);
  await enableTimeToLive(client, name, shape.ttlAttribute);
};

const enableTimeToLive = async (client: DynamoDBClient, name: string, attribute: string): Promise<void> => {
  const ttl = { AttributeName: attribute, Enabled: true };
  await client
    .send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: ttl }))
    .catch((error: unknown) => {
      // "TimeToLive is already enabled", from an earlier start.
      if (!(error instanceof Error && error.message.includes("already enabled"))) throw error;
    });
};
