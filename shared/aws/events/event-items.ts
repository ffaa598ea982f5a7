import type { DirectoryInsightsEvent } from "../../model/event.ts";
import type { EventQuery } from "../../provisioning/ports/event-log.ts";
import { readBatches } from "../table/batches.ts";
import { documentIn, type EventItem } from "./event-document.ts";
import { keyOfEvent } from "./event-keys.ts";
import type { EventTable } from "./event-writer.ts";

/** The event as it was built, without keys and expiry; undefined once it has expired, also while the store holds it. */
export const eventOf = (item: EventItem, nowMs: number): DirectoryInsightsEvent | undefined => {
  return item.expiresAt * 1000 <= nowMs ? undefined : documentIn(item);
};

/**
 * The items with each reference replaced by its event, in the same order. A reference whose event is not written
 * (yet) is left out. One event has one reference for a member, so nothing comes twice.
 */
export const resolveReferences = async (
  { client, tableName, shards }: EventTable,
  items: EventItem[],
): Promise<EventItem[]> => {
  const referenced = ({ event_id, timestamp }: EventItem) =>
    event_id === undefined ? undefined : keyOfEvent({ id: event_id, timestamp }, shards);
  const keys = items.map(referenced).filter((key) => key !== undefined);
  const events = await readBatches<EventItem>({ client, tableName }, keys, {});
  const found = new Map(events.map((event) => [event.sk, event]));
  return items.flatMap((item) => {
    const key = referenced(item);
    const event = key ? found.get(key.sk) : item;
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
