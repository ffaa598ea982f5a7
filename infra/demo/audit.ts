import { type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import {
  correlationPartition,
  monthOf,
  shardedPartitions,
  userSubject,
} from "../../shared/aws/events/event-keys.ts";
import { createDynamoDbClient, fromItem, toItem } from "../../shared/aws/table/dynamodb-client.ts";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import type { EmbeddedRun } from "../local/embedded-run.ts";
import type { RunKeys } from "../local/signing/run-keys.ts";

/** A group's event among those of a user whom it added or removed. */
export type Reference = Pick<DirectoryInsightsEvent, "timestamp" | "event_type" | "success" | "resource"> & {
  event_id: string;
  op: "added" | "removed";
};

/** Questions to the events table itself, each one query by key or index, as docs/audit-queries.md asks them. */
export type Audit = {
  everything(): Promise<DirectoryInsightsEvent[]>;
  ofIntegration(integrationId: string): Promise<DirectoryInsightsEvent[]>;
  failures(): Promise<DirectoryInsightsEvent[]>;
  ofUser(userId: string): Promise<(DirectoryInsightsEvent | Reference)[]>;
  ofCorrelation(correlationId: string): Promise<DirectoryInsightsEvent[]>;
  close(): void;
};

/** The embedded run has one shard for each key, as a stack has unless it is told otherwise. */
const shards = 1;

/** Opens the run's events table with the AWS SDK and the run's own keys, as any auditor's tool would. */
export const openAudit = (run: EmbeddedRun, keys: RunKeys, startedAt: Date): Audit => {
  const { region, ...credentials } = keys;
  const client = createDynamoDbClient({ endpoint: run.dynamodbUrl, region, credentials });
  const ask = <T>(name: string, values: string[], index?: string) =>
    queryAll<T>(client, run.tables.events, name, values, index);
  const sharded = (value: string) => shardedPartitions(value, shards);
  return {
    everything: () => {
      // A demo that runs over the end of a month has events under both.
      const months = new Set([startedAt, new Date()].map((time) => monthOf(time.toISOString())));
      return ask("pk", [...months].flatMap(sharded));
    },
    ofIntegration: (integrationId) => ask("integrationKey", sharded(integrationId), "byIntegration"),
    failures: () => ask("failureKey", sharded("failed"), "byFailure"),
    ofUser: (userId) => ask("subjectKey", [userSubject(userId)], "bySubject"),
    ofCorrelation: (id) => ask("correlationKey", [correlationPartition(id)], "byCorrelation"),
    close: () => client.destroy(),
  };
};

const queryAll = async <T>(
  client: DynamoDBClient,
  table: string,
  name: string,
  values: string[],
  index: string | undefined,
): Promise<T[]> => {
  const items: T[] = [];
  for (const value of values) {
    const input = {
      TableName: table,
      ...(index === undefined ? {} : { IndexName: index }),
      KeyConditionExpression: "#key = :key",
      ExpressionAttributeNames: { "#key": name },
      ExpressionAttributeValues: toItem({ ":key": value }),
    };
    for await (const page of paginateQuery({ client }, input))
      items.push(...(page.Items ?? []).map((item) => fromItem<T>(item)));
  }
  return items;
};
