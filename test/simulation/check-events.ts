import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import { isOfDirectory } from "./check-directory.ts";
import type { Recorded } from "./check-truth.ts";
import { isWorker } from "./workers.ts";
import type { World } from "./world.ts";

/**
 * Each attempt that sent something has one event and no event is without an attempt; a receipt names all events of its
 * call, a problem document at least its own.
 */
export const checkEvents = ({ memory, told, recorded, withdrawn }: World): string[] => {
  const events = [...memory.events.values()]
    .map(({ event }) => event)
    .filter((event) => !isOfDirectory(event));
  const ids = new Set(events.map(({ id }) => id));
  const attempts = new Set(memory.attempts.map(({ attemptId }) => attemptId));
  return [
    ...[...attempts]
      .filter((id) => !ids.has(id) && !withdrawn.has(id))
      .map((id) => `attempt ${id} has no event`),
    ...events
      // A lifecycle call that is refused leaves its event without an attempt; its problem document, where it has one,
      // names it.
      .filter(({ event_type, success }) => success || !event_type.startsWith("idm_integration"))
      .filter(({ id, correlation }) => !attempts.has(id) && !told.get(correlation.id)?.eventIds.includes(id))
      .map((event) => `event ${event.event_type} of ${event.correlation.id} is of no attempt`),
    ...[...told].flatMap(([caller, receipt]) => {
      const wrote = new Set(recorded.flatMap((one) => (one.caller === caller ? [one.event.id] : [])));
      return wrongIn(caller, receipt, { events, wrote });
    }),
    ...events
      .filter(({ id, correlation }) => !told.has(correlation.id) && !isOfWorker(recorded, id))
      .map(({ id }) => `event ${id} is of no call`),
  ];
};

/** What nobody has asked for is an act of the service itself. */
const isOfWorker = (recorded: Recorded[], id: string): boolean =>
  recorded.some(({ event, caller = "" }) => event.id === id && isWorker(caller));

const wrongIn = (
  correlationId: string,
  { eventIds, isWhole }: { eventIds: string[]; isWhole: boolean },
  { events, wrote }: { events: DirectoryInsightsEvent[]; wrote: Set<string> },
): string[] => {
  const own = events.filter(({ correlation }) => correlation.id === correlationId);
  const isOf = ({ id, correlation }: DirectoryInsightsEvent) =>
    correlation.id === correlationId || wrote.has(id);
  const missing = eventIds.filter((id) => !events.some((event) => event.id === id && isOf(event)));
  const untold = isWhole ? own.filter(({ id }) => wrote.has(id) && !eventIds.includes(id)) : [];
  return [
    ...missing.map((id) => `${correlationId} tells of event ${id}, which is not there`),
    ...untold.map(
      (event) => `the receipt of ${correlationId} does not name its event ${event.event_type} ${event.id}`,
    ),
    ...(new Set(eventIds).size < eventIds.length ? [`${correlationId} names an event twice`] : []),
  ];
};
