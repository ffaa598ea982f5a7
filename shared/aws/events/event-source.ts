import type { EventQuery } from "../../provisioning/ports/event-log.ts";
import type { Item } from "../table/dynamodb-client.ts";
import {
  correlationPartition,
  groupSubject,
  hasInitiatorKey,
  hasTypeKey,
  monthOf,
  shardedPartitions,
  userSubject,
} from "./event-keys.ts";

/** Partitions that are read together and merged by sort key: the shards of one value. */
export type Segment = { index?: string; keyAttribute: string; partitions: string[] };
/**
 * Sort keys, inclusive. `to` is exclusive: it is a bare timestamp, and the key of an event at that time sorts after it.
 */
export type Range = { low: string; high: string };
/** A place up to which everything was seen, with the item there, if it is one. */
export type Step = { position: string; item?: Item };
/** One page of a partition within the range, in order, from `start` on. */
export type ReadPage = (
  segment: Segment,
  partition: string,
  start?: Item,
) => Promise<{ items: Item[]; next?: Item }>;

/**
 * Where to read: the key that leaves the fewest items to be filtered. Without any key every month of the range, which
 * begins at `oldest` where the query names no start; so too for what most events are of.
 */
export const segmentsOf = (query: EventQuery, range: Range, shards: number, oldest: string): Segment[] => {
  const { userId, groupId, correlationId, integrationId, initiatedBy, eventType, success } = query;
  const one = (index: string, keyAttribute: string, partitions: string[]) => [
    { index, keyAttribute, partitions },
  ];
  if (userId !== undefined) return one("bySubject", "subjectKey", [userSubject(userId)]);
  if (groupId !== undefined) return one("bySubject", "subjectKey", [groupSubject(groupId)]);
  if (correlationId !== undefined)
    return one("byCorrelation", "correlationKey", [correlationPartition(correlationId)]);
  if (integrationId !== undefined)
    return one("byIntegration", "integrationKey", shardedPartitions(integrationId, shards));
  if (initiatedBy !== undefined && hasInitiatorKey(initiatedBy))
    return one("byInitiator", "initiatorKey", shardedPartitions(initiatedBy, shards));
  if (eventType !== undefined && hasTypeKey(eventType))
    return one("byType", "typeKey", shardedPartitions(eventType, shards));
  if (success === false) return one("byFailure", "failureKey", shardedPartitions("failed", shards));
  const first = query.from === undefined && oldest > range.low ? oldest : range.low;
  const months = monthsBetween(first, range.high).map((month) => ({
    keyAttribute: "pk",
    partitions: shardedPartitions(month, shards),
  }));
  return query.order === "asc" ? months : months.toReversed();
};

/** All items of the segments in the query's order. The end of a segment is a step too, so that empty months count. */
export async function* readInOrder(
  segments: Segment[],
  order: EventQuery["order"],
  read: ReadPage,
): AsyncGenerator<Step, void> {
  for (const segment of segments) {
    yield* mergeShards(segment, order, read);
    if (segment.keyAttribute === "pk") yield { position: endOfMonth(segment.partitions[0] ?? "", order) };
  }
}

async function* mergeShards(
  segment: Segment,
  order: EventQuery["order"],
  read: ReadPage,
): AsyncGenerator<Step, void> {
  const shards = segment.partitions.map((partition) => readPartition(segment, partition, read));
  const heads = await Promise.all(shards.map((shard) => shard.next()));
  for (;;) {
    let first = -1;
    for (const [shard, head] of heads.entries())
      if (!head.done && isBefore(head.value.position, heads[first]?.value?.position, order)) first = shard;
    const step = heads[first];
    const shard = shards[first];
    if (!step || step.done || !shard) return;
    yield step.value;
    heads[first] = await shard.next();
  }
}

async function* readPartition(
  segment: Segment,
  partition: string,
  read: ReadPage,
): AsyncGenerator<{ position: string; item: Item }, void> {
  let start: Item | undefined;
  do {
    const { items, next } = await read(segment, partition, start);
    for (const item of items) yield { position: item.sk?.S ?? "", item };
    start = next;
  } while (start);
}

const isBefore = (a: string, b: string | undefined, order: EventQuery["order"]): boolean =>
  b === undefined || (order === "asc" ? a < b : a > b);

const monthsBetween = (first: string, last: string): string[] => {
  const months: string[] = [];
  for (let month = monthOf(first); month <= monthOf(last); month = monthAfter(month)) months.push(month);
  return months;
};

const monthAfter = (month: string): string => {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number)).toISOString().slice(0, 7);
};

/** Where the walk goes on after a month: from the start of the next one, or down from its own. */
const endOfMonth = (partition: string, order: EventQuery["order"]): string =>
  `${order === "asc" ? monthAfter(monthOf(partition)) : monthOf(partition)}-01T00:00:00.000Z`;
