import { GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { maxPageBytes, maxPageMs, pageBytes } from "../../common/fill-page.ts";
import { omit, present } from "../../common/objects.ts";
import type { DirectoryInsightsEvent } from "../../model/event.ts";
import { Failure } from "../../model/failure.ts";
import type { EventQuery, EventReader } from "../../provisioning/ports/event-log.ts";
import { fromItem, storeUnavailable, toItem } from "../table/dynamodb-client.ts";
import { decodeEventCursor, encodeEventCursor } from "./event-cursor.ts";
import type { EventItem } from "./event-document.ts";
import { eventOf, matches, resolveReferences } from "./event-items.ts";
import { keyOfEventId } from "./event-keys.ts";
import { type Range, type ReadPage, readInOrder, type Segment, segmentsOf } from "./event-source.ts";
import type { EventTable } from "./event-writer.ts";

/** Items of one request where most may be filtered out. */
const filteredPage = 200;
/** This many items are resolved together, so that their references take one BatchGetItem. */
const maxChunk = 100;
const dayMs = 86_400_000;
const lastMs = Date.parse("9999-12-31T23:59:59.999Z");

/** `retentionDays` ends a query that names neither a key nor `from`: what is older has expired. */
type EventReaderTable = EventTable & { now: () => number; retentionDays: number };

/**
 * Reads events by the most selective key of the query and filters by the rest. The work of one call is bounded: after 5
 * s or 4 MB a page may hold fewer items than `limit`, none even, and have a `nextCursor`. Throws Failure
 * `invalid-cursor`, `invalid-input` where `from` or `to` is no time, `store-unavailable` where the table does not
 * answer.
 */
export const createEventReader = (table: EventReaderTable): EventReader => ({
  query: async (query) => {
    try {
      return await readPage(table, query);
    } catch (error) {
      throw storeUnavailable(error);
    }
  },
  get: async (eventId) => {
    const key = keyOfEventId(eventId, table.shards);
    if (!key) return undefined;
    try {
      const request = { TableName: table.tableName, Key: toItem(key), ConsistentRead: true };
      const { Item: item } = await table.client.send(new GetItemCommand(request));
      return item && eventOf(fromItem(item), table.now());
    } catch (error) {
      throw storeUnavailable(error);
    }
  },
});

const readPage = async (table: EventReaderTable, query: EventQuery): ReturnType<EventReader["query"]> => {
  const start = decodeEventCursor(query);
  const range = rangeOf(query, start, table);
  const endAt = table.now() + maxPageMs;
  const isInTime = () => table.now() < endAt;
  const oldest = new Date(table.now() - table.retentionDays * dayMs).toISOString();
  const segments = range.low > range.high ? [] : segmentsOf(query, range, table.shards, oldest);
  const steps = readInOrder(segments, query.order, pageReader(table, query, range));

  let position = start;
  let ended = false;
  /** Up to `count` items; fewer at the end or when the time is over, but never without a step ahead. */
  const take = async (count: number): Promise<EventItem[]> => {
    const taken: EventItem[] = [];
    while (taken.length < count && (isInTime() || position === start)) {
      const step = await steps.next();
      if (step.done) {
        ended = true;
        break;
      }
      // The range begins with what the cursor has seen.
      if (step.value.position === start) continue;
      position = step.value.position;
      if (step.value.item) taken.push(fromItem(step.value.item));
    }
    return taken;
  };

  const events: DirectoryInsightsEvent[] = [];
  let bytes = 0;
  let last: string | undefined;
  while (!ended && events.length < query.limit && (isInTime() || position === start)) {
    const taken = await take(Math.min(maxChunk, query.limit - events.length));
    for (const item of await resolveReferences(table, taken)) {
      const event = eventOf(item, table.now());
      if (!event || !matches(event, query)) continue;
      bytes += pageBytes(event);
      if (last !== undefined && bytes > maxPageBytes)
        return { items: events, nextCursor: encodeEventCursor(query, last) };
      events.push(event);
      last = item.sk;
    }
  }
  const reached = position;
  // A full page ends without a cursor if nothing follows.
  if (!ended) await take(1);
  return {
    items: events,
    ...(!ended && reached !== undefined && { nextCursor: encodeEventCursor(query, reached) }),
  };
};

const pageReader = (
  { client, tableName, shards }: EventReaderTable,
  query: EventQuery,
  range: Range,
): ReadPage => {
  const least = Math.ceil(query.limit / shards) + 2;
  return async (segment, partition, start) => {
    const limit = isFiltered(query, segment) ? Math.max(filteredPage, least) : least;
    const { Items: items = [], LastEvaluatedKey: next } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: segment.index,
        KeyConditionExpression: `${segment.keyAttribute} = :partition AND sk BETWEEN :low AND :high`,
        ExpressionAttributeValues: toItem({
          ":partition": partition,
          ":low": range.low,
          ":high": range.high,
        }),
        ScanIndexForward: query.order === "asc",
        Limit: limit,
        ExclusiveStartKey: start,
      }),
    );
    return { items, ...(next && { next }) };
  };
};

/** More conditions than the one that has become the key of an index. */
const isFiltered = (query: EventQuery, { index }: Segment): boolean =>
  Object.keys(present(omit(query, "order", "limit", "cursor", "from", "to"))).length > (index ? 1 : 0);

const rangeOf = (query: EventQuery, start: string | undefined, table: EventReaderTable): Range => {
  // Nothing is later than now, but writers' clocks may be ahead of ours.
  const latestMs = table.now() + dayMs;
  const low = isoTime("from", query.from ?? 0, lastMs);
  const high = isoTime("to", query.to ?? latestMs, latestMs);
  if (start === undefined) return { low, high };
  return query.order === "asc" ? { low: latest(low, start), high } : { low, high: earliest(high, start) };
};

const isoTime = (name: string, time: string | number, maxMs: number): string => {
  const ms = typeof time === "number" ? time : Date.parse(time);
  if (Number.isNaN(ms))
    throw new Failure("invalid-input", `${name} is not a time.`, {
      errors: [{ path: name, message: "use RFC 3339, e.g. 2026-11-05T00:00:00Z" }],
    });
  return new Date(Math.min(Math.max(ms, 0), maxMs)).toISOString();
};

const latest = (a: string, b: string): string => (a > b ? a : b);
const earliest = (a: string, b: string): string => (a < b ? a : b);
