import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import type { World } from "./world.ts";

/**
 * Each attempt has one event and no event is without an attempt; a receipt names all events of its call, a problem
 * document at least its own.
 */
export const checkEvents = ({ memory, told }: World): string[] => {
  const events = [...memory.events.values()].map(({ event }) => event);
  const ids = new Set(events.map(({ id }) => id));
  const attempts = new Set(memory.attempts.map(({ attemptId }) => attemptId));
  return [
    ...[...attempts].filter((id) => !ids.has(id)).map((id) => `attempt ${id} has no event`),
    ...events
      // A lifecycle call that is refused leaves its event without an attempt; its problem document, where it has one, names it.
      .filter(({ event_type, success }) => success || !event_type.startsWith("idm_integration"))
      .filter(({ id, correlation }) => !attempts.has(id) && !told.get(correlation.id)?.eventIds.includes(id))
      .map((event) => `event ${event.event_type} of ${event.correlation.id} is of no attempt`),
    ...[...told].flatMap(([correlationId, receipt]) => wrongIn(correlationId, receipt, events)),
    ...events
      .filter(({ correlation }) => !told.has(correlation.id))
      .map(({ id }) => `event ${id} is of no call`),
  ];
};

const wrongIn = (
  correlationId: string,
  { eventIds, isWhole }: { eventIds: string[]; isWhole: boolean },
  events: DirectoryInsightsEvent[],
): string[] => {
  const own = events.filter(({ correlation }) => correlation.id === correlationId);
  const missing = eventIds.filter((id) => !own.some((event) => event.id === id));
  const untold = isWhole ? own.filter(({ id }) => !eventIds.includes(id)) : [];
  return [
    ...missing.map((id) => `${correlationId} tells of event ${id}, which is not there`),
    ...untold.map(
      (event) => `the receipt of ${correlationId} does not name its event ${event.event_type} ${event.id}`,
    ),
    ...(new Set(eventIds).size < eventIds.length ? [`${correlationId} names an event twice`] : []),
  ];
};
