import type { DirectoryInsightsEvent } from "../../model/event.ts";
import type { Ports } from "../ports/ports.ts";

/** The same ports, with the events that are put told as well. */
export const notingEvents = (ports: Ports, events: DirectoryInsightsEvent[]): Ports =>
  Object.create(ports, {
    events: {
      value: {
        async put(record: Parameters<Ports["events"]["put"]>[0]) {
          const event = await ports.events.put(record);
          events.push(event);
          return event;
        },
      },
    },
  });
