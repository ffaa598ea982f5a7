import {
  type DirectoryInsightsEvent,
  directoryEventTypes,
  type EventType,
} from "../../shared/model/event.ts";
import type { Audit } from "./audit.ts";
import type { Provider } from "./provider.ts";
import type { UsherClient } from "./usher-client.ts";

/**
 * Whether the audit tells all that happened and nothing else: against the answers that the caller got, against what the
 * provider carried out, and one index against another.
 *
 * @returns each contradiction as a sentence, and what was compared
 */
export const checkAudit = async (
  audit: Audit,
  usher: UsherClient,
  provider: Provider,
  integrationId: string,
): Promise<{ problems: string[]; told: string[] }> => {
  const events = (await audit.everything()).filter(isOfAttempt);
  const failures = await audit.failures();
  const own = await audit.ofIntegration(integrationId);
  const attempts = usher.eventIds.size + usher.unnamedAttempts();
  const byItself = events.filter((event) => isByItself(event, usher) && !usher.eventIds.has(event.id)).length;
  const effects = effectsOf(events, provider);
  const problems = [
    ...againstAnswers(events, usher),
    ...(events.length === attempts + byItself
      ? []
      : [`${attempts} attempts and ${byItself} by itself left ${events.length} events`]),
    ...effects
      .filter(({ done, told }) => done !== told)
      .map(({ what, done, told }) => `${what}: ${done} at the provider, ${told} in the audit`),
    ...same(
      "failures",
      failures,
      events.filter(({ success }) => !success),
    ),
    ...same(
      "events of the integration",
      own,
      events.filter(({ idm_client_id }) => idm_client_id === integrationId),
    ),
  ];
  const told = [
    `  ${attempts} attempts that the answers told of and ${byItself} that the service made by itself, ${events.length} events`,
    "",
    "  carried out           provider     audit",
    ...effects.map(
      ({ what, done, told }) =>
        `  ${what.padEnd(20)}${String(done).padStart(10)}${String(told).padStart(10)}`,
    ),
    "",
  ];
  return { problems, told };
};

/** The directory's own changes leave events too, of which no answer tells. */
const isOfAttempt = ({ event_type }: DirectoryInsightsEvent): boolean => !ofDirectory.has(event_type);
const ofDirectory = new Set<EventType>(directoryEventTypes);

/**
 * What follows from a change of the directory is told by its event alone; that names who asked for it. So is what a job does
 * beside what its items are about, as the groups that an account comes back to; that is of the job's act.
 */
const isByItself = (
  { event_type, initiated_by, requested_by, correlation, success }: DirectoryInsightsEvent,
  { jobs }: UsherClient,
): boolean =>
  (initiated_by.type === "service" && requested_by !== undefined) ||
  (success && !event_type.startsWith("idm_") && jobs.has(correlation?.id ?? ""));

/** Every attempt whose event an answer named, and every lifecycle call that succeeded, is one event. */
const againstAnswers = (events: DirectoryInsightsEvent[], usher: UsherClient): string[] => {
  const ids = new Set(events.map(({ id }) => id));
  const missing = [...usher.eventIds].filter((id) => !ids.has(id));
  const unnamed = events.filter(({ id }) => !usher.eventIds.has(id));
  const strange = unnamed.filter(
    (event) => !isByItself(event, usher) && (!event.success || !event.event_type.startsWith("idm_")),
  );
  return [
    ...missing.map((id) => `event ${id} was named in an answer and is not in the table`),
    ...strange.map(
      ({ id, event_type }) => `event ${id} (${event_type}) is in the table and no answer named it`,
    ),
  ];
};

type Effect = { what: string; done: number; told: number };

/** What the provider carried out, counted by the provider, beside the events that tell of it. */
const effectsOf = (events: DirectoryInsightsEvent[], { carriedOut }: Provider): Effect[] => {
  const told = (...types: EventType[]) =>
    events.filter(({ event_type, success }) => success && types.includes(event_type)).length;
  return [
    { what: "users created", done: carriedOut("POST", "Users"), told: told("user_create_provision") },
    {
      what: "users changed",
      done: carriedOut("PATCH", "Users") + carriedOut("PUT", "Users"),
      told: told("user_update_provision", "user_deprovision"),
    },
    { what: "users deleted", done: carriedOut("DELETE", "Users"), told: told("user_delete_provision") },
    { what: "groups created", done: carriedOut("POST", "Groups"), told: told("group_create_provision") },
    { what: "groups deleted", done: carriedOut("DELETE", "Groups"), told: told("group_delete_provision") },
  ];
};

const same = (
  what: string,
  indexed: DirectoryInsightsEvent[],
  wanted: DirectoryInsightsEvent[],
): string[] => {
  const idsOf = (events: DirectoryInsightsEvent[]) => JSON.stringify(events.map(({ id }) => id).sort());
  return idsOf(indexed) === idsOf(wanted)
    ? []
    : [`${what}: ${indexed.length} in their index, ${wanted.length} in the table`];
};
