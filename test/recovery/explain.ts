import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import type { RecordedRequest } from "../providers/provider.ts";

/** Names of remote ids, as they were first seen: user or group id in the directory. */
export type Names = Map<string, string>;

type Operation = { op: string; path?: string; value?: unknown };
type PatchBody = { Operations: Operation[] };

const nameIn = (names: Names, remoteId: string | undefined): string => names.get(remoteId ?? "") ?? "?";
export const userOf = (userName: unknown): string => String(userName).split("@")[0] ?? "";

/** What the requests that the provider carried out have changed there, one line for each effect. */
export const effectsOfRequests = (requests: readonly RecordedRequest[], names: Names): string[] =>
  requests
    .filter(({ method, status }) => method !== "GET" && status >= 200 && status < 300)
    .flatMap((request) => {
      const [, kind, id] = request.path.split("/");
      return kind === "Users" ? userEffects(request, nameIn(names, id)) : groupEffects(request, id, names);
    });

const userEffects = ({ method, body }: RecordedRequest, user: string): string[] => {
  if (method === "POST") return [`create user ${userOf((body as { userName: string }).userName)}`];
  if (method === "DELETE") return [`delete user ${user}`];
  const fields = fieldsOf(body as PatchBody);
  const isEnd = (body as PatchBody).Operations.some(
    ({ path, value }) => value === false || (!path && (value as { active?: boolean }).active === false),
  );
  return [isEnd ? `deactivate user ${user}` : `change user ${user}: ${fields.join()}`];
};

/** Top-level attributes. */
const fieldsOf = ({ Operations }: PatchBody): string[] => {
  const fields = Operations.flatMap(({ path, value }) => (path ? [path] : Object.keys(value as object)));
  return [...new Set(fields.map((field) => field.split(/[.[]/)[0] ?? ""))].sort();
};

const groupEffects = ({ method, body }: RecordedRequest, id: string | undefined, names: Names): string[] => {
  const group = nameIn(names, id);
  if (method === "POST") return [`create group ${(body as { displayName: string }).displayName}`];
  if (method === "DELETE") return [`delete group ${group}`];
  return (body as PatchBody).Operations.flatMap(({ op, path = "", value }) => {
    const leaver = /^members\[value eq "(.*)"\]$/.exec(path)?.[1];
    if (op === "remove") return [`${nameIn(names, leaver)} leaves ${group}`];
    if (path === "members")
      return (value as { value: string }[]).map((m) => `${nameIn(names, m.value)} joins ${group}`);
    return [`rename group ${group}`];
  });
};

/** What the events claim to have changed at the provider. A group's event lists true changes after a failure too. */
const effectsOfEvents = (events: readonly DirectoryInsightsEvent[]): string[] =>
  events.flatMap((event) => (event.success ? effectsOfEvent(event) : memberEffects(event)));

const memberEffects = ({ resource, members_added = [], members_removed = [] }: DirectoryInsightsEvent) => [
  ...members_added.map((user) => `${user} joins ${resource.id}`),
  ...members_removed.map((user) => `${user} leaves ${resource.id}`),
];

const effectsOfEvent = (event: DirectoryInsightsEvent): string[] => {
  const { id, name } = event.resource;
  const fields = [...new Set(event.changes.map(({ field }) => field.split(/[.[]/)[0] ?? ""))].sort();
  const members = memberEffects(event);
  switch (event.event_type) {
    case "user_create_provision":
      return [`create user ${id}`];
    case "user_update_provision":
      return fields.length === 0 ? [`adopt user ${id}`] : [`change user ${id}: ${fields.join()}`];
    case "user_deprovision":
      return [`deactivate user ${id}`];
    case "user_delete_provision":
      return [`delete user ${id}`];
    case "group_create_provision":
      return [`create group ${name}`, ...members];
    case "group_update_provision": {
      const renames = fields.includes("displayName") ? [`rename group ${id}`] : [];
      const all = [...renames, ...members];
      return all.length > 0 ? all : [`nothing at group ${id}`];
    }
    case "group_delete_provision":
      return [`delete group ${id}`];
    default:
      return [];
  }
};

/**
 * A failed event after a kill has to say that nothing took effect, that nobody could tell, or that nothing is done without
 * the confirmation that the killed call took with it.
 */
const honest =
  /before it took effect|before the attempt took effect|Nothing was kept|outcome unknown|existing=replace&confirm=/;

/** What requests and events do not agree on; empty where each change is told by exactly one event. */
export const unexplained = (
  requests: readonly RecordedRequest[],
  events: readonly DirectoryInsightsEvent[],
  names: Names,
): string[] => {
  const told = effectsOfEvents(events);
  const silent = effectsOfRequests(requests, names).filter((effect) => {
    const at = told.indexOf(effect);
    if (at >= 0) told.splice(at, 1);
    return at < 0;
  });
  const ids = events.map(({ id }) => id);
  return [
    ...silent.map((effect) => `no event tells: ${effect}`),
    // Adoption without a change is told by an event of its own and needs no request but the lookup.
    ...told.filter((effect) => !effect.startsWith("adopt")).map((effect) => `no request made: ${effect}`),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `two events ${id}`),
    ...events
      .filter(({ success, error_message = "" }) => !success && !honest.test(error_message))
      .map(({ event_type, error_message }) => `${event_type} failed: ${error_message}`),
  ];
};
