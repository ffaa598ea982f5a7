import { setTimeout as sleep } from "node:timers/promises";
import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import type { DirectoryInsightsEvent } from "../../model/event.ts";
import type { EventQuery } from "../../provisioning/ports/event-log.ts";
import { fromItem, type Item, toItem } from "../table/dynamodb-client.ts";
import { keyAttributes, keyOfEvent } from "./event-keys.ts";
import type { EventTable } from "./event-writer.ts";

/** DynamoDB's own limit of one BatchGetItem. */
const maxBatch = 100;
const maxRounds = 5;

/** The event as it was built, without keys and expiry; undefined once it has expired, also while the store holds it. */
export const eventOf = (item: Item, nowMs: number): DirectoryInsightsEvent | undefined => {
  const fields = fromItem<Record<string, unknown>>(item);
  if (Number(fields.expiresAt) * 1000 <= nowMs) return undefined;
  const document = Object.entries(fields).filter(([name]) => !keyAttributes.has(name));
  return Object.fromEntries(document) as DirectoryInsightsEvent;
};

/**
 * The items with each reference replaced by its event, in the same order. A reference whose event is not written
 * (yet) is left out. One event has one reference for a member, so nothing comes twice.
 */
export const resolveReferences = async (
  { client, tableName, shards }: EventTable,
  items: Item[],
  countRequest: () => void,
): Promise<Item[]> => {
  const keys = items.filter(isReference).map((item) => keyOfReferenced(item, shards));
  const found = new Map<string | undefined, Item>();
  for (let at = 0; at < keys.length; at += maxBatch) {
    let left = keys.slice(at, at + maxBatch);
    for (let round = 0; left.length > 0; round++) {
      if (round === maxRounds) throw new Error("BatchGetItem left keys unprocessed");
      // Unprocessed keys are throttling in another form, which the SDK does not retry.
      if (round > 0) await sleep(25 * 2 ** round);
      countRequest();
      const request = { RequestItems: { [tableName]: { Keys: left } } };
      const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand(request));
      for (const item of Responses?.[tableName] ?? []) found.set(item.id?.S, item);
      left = UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
  }
  return items.flatMap((item) => {
    const event = isReference(item) ? found.get(item.event_id?.S) : item;
    return event ? [event] : [];
  });
};

/** Whether the event meets every condition; the user's alone is left to the key that led here. */
export const matches = (event: DirectoryInsightsEvent, query: EventQuery): boolean =>
  isOrUnasked(query.integrationId, event.idm_client_id) &&
  isOrUnasked(query.eventType, event.event_type) &&
  isOrUnasked(query.groupId, event.resource.type === "user_group" ? event.resource.id : undefined) &&
  isOrUnasked(query.initiatedBy, event.initiated_by.id) &&
  isOrUnasked(query.correlationId, event.correlation.id) &&
  isOrUnasked(query.success, event.success);

const isOrUnasked = <T>(asked: T | undefined, actual: T | undefined): boolean =>
  asked === undefined || asked === actual;

const isReference = (item: Item): boolean => item.event_id !== undefined;

const keyOfReferenced = (reference: Item, shards: number): Item =>
  toItem(keyOfEvent({ id: reference.event_id?.S ?? "", timestamp: reference.timestamp?.S ?? "" }, shards));
