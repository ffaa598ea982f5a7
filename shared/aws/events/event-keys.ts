import { createHash } from "node:crypto";
import { type DirectoryInsightsEvent, type EventType, serviceItself } from "../../model/event.ts";
import { timeOfUuidV7 } from "../../model/ids.ts";
import type { Key } from "../table/keys.ts";

/*
 * Every key string of the events table. Hot partitions end in `#<shard>`, a stable hash of the event's id, so that
 * one month, integration, type, initiator or the failures can be spread over several partitions. The count of shards
 * is fixed at deploy: with another count, events written before are no longer found.
 */

/** The table key of an event. */
export const keyOfEvent = (event: { id: string; timestamp: string }, shards: number): Key => ({
  pk: `${monthOf(event.timestamp)}#${shardOf(event.id, shards)}`,
  sk: `${event.timestamp}#${event.id}`,
});

/** The table key of an event by its id alone, whose time is the timestamp; undefined where it is no UUID version 7. */
export const keyOfEventId = (eventId: string, shards: number): Key | undefined => {
  const time = timeOfUuidV7(eventId);
  if (time === undefined) return undefined;
  return keyOfEvent({ id: eventId, timestamp: new Date(time).toISOString() }, shards);
};

/**
 * What most events are of has no key of its own, which would be a copy of each of them: the months are read instead, and
 * few events there are of another kind. Events of version 0.1 have these keys, too.
 */
const frequentTypes: ReadonlySet<string> = new Set<EventType>([
  "user_create",
  "user_update",
  "group_update",
  "user_create_provision",
  "user_update_provision",
  "group_update_provision",
]);
export const hasTypeKey = (eventType: string): boolean => !frequentTypes.has(eventType);
/** All but the service itself, which does most. */
export const hasInitiatorKey = (initiatorId: string): boolean => initiatorId !== serviceItself.id;

/** The keys of an event in the indexes. `failureKey` only on failures: that index holds nothing else. */
export const indexKeysOfEvent = (event: DirectoryInsightsEvent, shards: number) => {
  const shard = shardOf(event.id, shards);
  return {
    // A change of the directory is no integration's.
    ...(event.idm_client_id !== undefined && { integrationKey: sharded(event.idm_client_id, shard) }),
    ...(hasTypeKey(event.event_type) && { typeKey: sharded(event.event_type, shard) }),
    ...(hasInitiatorKey(event.initiated_by.id) && { initiatorKey: sharded(event.initiated_by.id, shard) }),
    ...(!event.success && { failureKey: sharded("failed", shard) }),
    subjectKey: subjectOf(event),
    // An empty string is no key, and no id either.
    ...(event.correlation.id !== "" && { correlationKey: keyPart(event.correlation.id) }),
  };
};

/** The keys of the reference that lists a group's event among those of a member that it added or removed. */
export const keysOfReference = (event: { id: string; timestamp: string }, userId: string) => ({
  pk: `members#${event.id}`,
  sk: `${event.timestamp}#${event.id}#${keyPart(userId)}`,
  subjectKey: userSubject(userId),
});

/** Which event an item is, or refers to; its key alone is read. `id` is absent where the key was not made here. */
export const eventOfKey = ({ pk, sk }: Key): { id: string | undefined; isReference: boolean } => {
  const [, id = ""] = sk.split("#");
  return { id: timeOfUuidV7(id) === undefined ? undefined : id, isReference: pk.startsWith("members#") };
};

export const userSubject = (userId: string): string => `user#${keyPart(userId)}`;
export const groupSubject = (groupId: string): string => `group#${keyPart(groupId)}`;
export const correlationPartition = (correlationId: string): string => keyPart(correlationId);

/** The partitions of one month, integration, type or initiator (or `failed`), one for each shard. */
export const shardedPartitions = (value: string, shards: number): string[] =>
  Array.from({ length: shards }, (_, shard) => sharded(value, shard));

/** `2026-11` of an RFC 3339 timestamp in UTC, or of a sort key. */
export const monthOf = (timestamp: string): string => timestamp.slice(0, 7);

/** Every attribute of an item that is no part of the event's document. */
export const keyAttributes: ReadonlySet<string> = new Set([
  "pk",
  "sk",
  "integrationKey",
  "typeKey",
  "initiatorKey",
  "failureKey",
  "subjectKey",
  "correlationKey",
  "expiresAt",
]);

const subjectOf = ({ resource, idm_client_id }: DirectoryInsightsEvent): string => {
  if (resource.type === "systemuser") return userSubject(resource.id);
  if (resource.type === "user_group") return groupSubject(resource.id);
  if (resource.type === "source") return `source#${keyPart(resource.id)}`;
  return `integration#${keyPart(idm_client_id ?? "")}`;
};

const sharded = (value: string, shard: number): string => `${keyPart(value)}#${shard}`;

// A sort key takes at most 1,024 bytes, and an event with a longer one could not be written. A hash stands for what is
// too long.
const keyPart = (value: string): string =>
  Buffer.byteLength(value) <= 512 ? value : `sha256:${createHash("sha256").update(value).digest("hex")}`;

const shardOf = (eventId: string, shards: number): number =>
  createHash("sha256").update(eventId).digest().readUInt32BE(0) % shards;
