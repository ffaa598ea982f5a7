import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { chunksOf } from "../../common/chunks.ts";
import { concurrently } from "../../common/concurrently.ts";
import { type EventRecord, type EventWriter, ReferencesLeft } from "../../provisioning/ports/event-log.ts";
import { fromItem, type Item, toItem } from "../table/dynamodb-client.ts";
import { documentIn, type EventItem, storedDocument } from "./event-document.ts";
import { indexKeysOfEvent, keyOfEvent, keysOfReference } from "./event-keys.ts";

/** `shards` is fixed at deploy and the same for writer and reader. */
export type EventTable = { client: DynamoDBClient; tableName: string; shards: number };

/** References written at the same time, under the client's 64 sockets; and between two looks at the clock. */
const referencesAtOnce = 48;
const referencesInStep = 480;

/** Writes events with PutItem alone and never over an item that is there: the only right that a writer has. */
export const createEventWriter = ({ client, tableName, shards }: EventTable): EventWriter => {
  /** Answers the item that was there already. */
  const putIfAbsent = async (item: Item): Promise<Item | undefined> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: item,
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return undefined;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return error.Item ?? item;
      throw error;
    }
  };

  return {
    put: async (record, { from, until } = { from: 0, until: Number.POSITIVE_INFINITY }) => {
      // References come first. Readers leave out a reference without its event, but an event without references is not
      // found.
      let written = from;
      for (const some of chunksOf(referencesOf(record).slice(from), referencesInStep)) {
        if (Date.now() >= until) throw new ReferencesLeft(written);
        await concurrently(some, referencesAtOnce, putIfAbsent);
        written += some.length;
      }
      const { event, expiresAt } = record;
      const present = await putIfAbsent(
        toItem({
          ...storedDocument(event),
          ...keyOfEvent(event, shards),
          ...indexKeysOfEvent(event, shards),
          expiresAt,
        }),
      );
      return present ? documentIn(fromItem<EventItem>(present)) : event;
    },
  };
};

/** One item for each member: few bytes, under the document's own field names. */
const referencesOf = ({ event, expiresAt, memberUserIds }: EventRecord): Item[] => {
  const ops = new Map<string, "added" | "removed">();
  for (const userId of memberUserIds?.removed ?? []) ops.set(userId, "removed");
  for (const userId of memberUserIds?.added ?? []) ops.set(userId, "added");
  const inOrder = [...ops].sort(([one], [other]) => (one < other ? -1 : 1));
  return inOrder.map(([userId, op]) =>
    toItem({
      ...keysOfReference(event, userId),
      event_id: event.id,
      event_type: event.event_type,
      timestamp: event.timestamp,
      op,
      user_id: userId,
      resource: event.resource,
      ...(event.idm_client_id !== undefined && { idm_client_id: event.idm_client_id }),
      success: event.success,
      initiated_by: event.initiated_by,
      expiresAt,
    }),
  );
};
