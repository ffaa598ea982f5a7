import { decodeEventCursor, encodeEventCursor } from "../../shared/aws/events/event-cursor.ts";
import { matches } from "../../shared/aws/events/event-items.ts";
import { Failure } from "../../shared/model/failure.ts";
import type {
  EventQuery,
  EventReader,
  EventRecord,
  EventWriter,
} from "../../shared/provisioning/ports/event-log.ts";
import { copyOf, type Request } from "./request.ts";

export type EventItems = Map<string, EventRecord>;

/** Writes events in memory, and never over one that is there. */
export const memoryEventWriter = (items: EventItems, request: Request): EventWriter => ({
  put: (record) =>
    request(`write event of ${record.event.resource.id}`, () => {
      const { id } = record.event;
      const present = items.get(id);
      if (present) return copyOf(present.event);
      items.set(id, copyOf(record));
      return record.event;
    }),
});

/** Reads them; what has expired is left out. */
export const memoryEventReader = (items: EventItems, request: Request, now: () => number): EventReader => ({
  get: (eventId) =>
    request("read event", () => copyOf([items.get(eventId)].filter(livesAt(now()))[0]?.event)),
  query: (query) => request("query events", () => page([...items.values()], query, now())),
});

const livesAt =
  (now: number) =>
  (record: EventRecord | undefined): record is EventRecord =>
    record !== undefined && record.expiresAt * 1000 > now;

const page = (records: EventRecord[], query: EventQuery, now: number) => {
  const start = decodeEventCursor(query);
  const [from, to] = [timeOf("from", query.from), timeOf("to", query.to)];
  const sign = query.order === "asc" ? 1 : -1;
  const found = records
    .filter(livesAt(now))
    .filter((record) => isOfUser(record, query.userId) && matches(record.event, query))
    .map(({ event }) => ({ event, place: `${event.timestamp}#${event.id}` }))
    .filter(({ event: { timestamp } }) => (from ?? "") <= timestamp && (!to || timestamp < to))
    .filter(({ place }) => start === undefined || ((place > start ? 1 : -1) * sign > 0 && place !== start))
    .toSorted((a, b) => (a.place < b.place ? -sign : sign));
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items: items.map(({ event }) => copyOf(event)),
    ...(found.length > items.length && last && { nextCursor: encodeEventCursor(query, last.place) }),
  };
};

const isOfUser = ({ event, memberUserIds }: EventRecord, userId: string | undefined): boolean =>
  userId === undefined ||
  (event.resource.type === "systemuser" && event.resource.id === userId) ||
  memberUserIds?.added.includes(userId) === true ||
  memberUserIds?.removed.includes(userId) === true;

const timeOf = (name: string, time: string | undefined): string | undefined => {
  if (time === undefined) return undefined;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new Failure("invalid-input", `${name} is not a time.`);
  return new Date(ms).toISOString();
};
