import type { EventRecord } from "../ports/event-log.ts";
import type { Ports } from "../ports/ports.ts";

/** The same ports, with the events told as well, as they are on record. */
export const notingEvents = (ports: Ports, records: EventRecord[]): Ports =>
  Object.create(ports, {
    events: {
      value: {
        async put(record: EventRecord) {
          const event = await ports.events.put(record);
          records.push({ ...record, event });
          return event;
        },
      },
    },
  });
