import { isObject } from "../common/objects.ts";
import type { Attributes } from "../model/attributes.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { GroupLink, UserLink } from "../model/link.ts";
import { nest } from "../scim/messages/resource.ts";
import type { Exchange, HttpAnswer, HttpRequest } from "../scim/wire/transport.ts";
import type { Recording } from "./recording.ts";

/** What is on record of an integration, and who is in a group there. */
export type Record = {
  integrationId: string;
  users(): UserLink[];
  groups(): GroupLink[];
  membersOf(groupId: string): Promise<string[]>;
  /** Brings in those who may be found by that value. */
  seek(kind: "user" | "group", value: string): Promise<void>;
};

type Asked = {
  method: string;
  collection: string;
  id: string | undefined;
  query: URLSearchParams;
  body: JsonObject;
};
type Answer = { status: number; body?: JsonObject };

/**
 * A service provider to which nothing is sent: every answer is a plain success, and look-ups find what is on record. What
 * it creates has the id `{remoteId:ID}`, after the directory's own. Requests go into the recording.
 */
export const plainProvider =
  (record: Record, recording: Recording): Exchange =>
  async (request) => {
    const asked = read(request);
    const { pathname, search } = request.url;
    const path = pathname.slice(pathname.lastIndexOf(`/${asked.collection}`)) + search;
    const { integrationId } = record;
    const body: JsonValue | undefined = request.body === undefined ? undefined : asked.body;
    recording.note(
      {
        integrationId,
        method: request.method,
        path: decodeURIComponent(path),
        ...(body !== undefined && { body }),
      },
      path.length + (request.body?.length ?? 0),
    );
    return toHttp(await (asked.collection === "Groups" ? answerGroup : answerUser)(asked, record));
  };

const read = ({ method, url, body }: HttpRequest): Asked => {
  const [, collection = "", id] = /\/(Users|Groups)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  return {
    method,
    collection,
    id: id === undefined ? undefined : decodeURIComponent(id),
    query: url.searchParams,
    body: body === undefined ? {} : JSON.parse(body),
  };
};

const answerUser = async ({ method, id, query, body }: Asked, record: Record): Promise<Answer> => {
  if (id === undefined && method === "GET") await record.seek("user", wantedBy(query).value);
  const users = record.users();
  if (method === "POST") {
    const made = users.find(({ attempt }) => attempt?.next?.userName === body.userName);
    return { status: 201, body: { ...body, id: newId(made?.id) } };
  }
  if (id === undefined) return listOf(users.flatMap(accountOf), query);
  if (method === "DELETE") return { status: 204 };
  const account = users.flatMap(accountOf).find((one) => one.id === id);
  if (account) return { status: 200, body: account };
  // It is being looked for by an id that no link bears: it is there as it is sent.
  return method === "GET" ? { status: 404 } : { status: 204 };
};

/** As it is to be once the attempt under way has come to its end. */
const accountOf = ({ observed, attempt }: UserLink): JsonObject[] => {
  const id = observed.remoteId ?? attempt?.known?.observed.remoteId ?? attempt?.remoteId;
  const shown: Attributes = attempt?.next ?? observed.pushed ?? {};
  return id === undefined ? [] : [{ ...nest(shown), id }];
};

const answerGroup = async ({ method, id, query, body }: Asked, record: Record): Promise<Answer> => {
  if (id === undefined && method === "GET") await record.seek("group", wantedBy(query).value);
  const groups = record.groups();
  if (method === "POST") {
    const made = groups.find(({ attempt }) => attempt?.intent.resource.name === body.displayName);
    return { status: 201, body: { ...body, id: newId(made?.id) } };
  }
  if (id === undefined) return listOf(groups.flatMap(groupOf), query);
  const renamed = nameIn(body);
  // An answer without the group says nothing against what was sent.
  if (method === "DELETE" || (method === "PATCH" && renamed === undefined)) return { status: 204 };
  const link = groups.find((one) => groupOf(one).some((shown) => shown.id === id));
  if (!link) return method === "GET" ? { status: 404 } : { status: 204 };
  const members = (await record.membersOf(link.id)).map((value) => ({ value }));
  const [shown] = groupOf(link);
  return { status: 200, body: { ...shown, ...(renamed !== undefined && { displayName: renamed }), members } };
};

const groupOf = ({ observed, attempt }: GroupLink): JsonObject[] => {
  const id = observed.remoteId ?? attempt?.remoteId;
  return id === undefined ? [] : [{ id, displayName: observed.shownName ?? observed.name ?? "" }];
};

/** The new name that a PATCH gives, by path or without. */
const nameIn = ({ Operations: operations }: JsonObject): string | undefined => {
  for (const operation of Array.isArray(operations) ? operations : []) {
    if (!isObject(operation)) continue;
    const { path, value } = operation as JsonObject;
    const name =
      path === undefined && isObject(value)
        ? (value as JsonObject).displayName
        : path === "displayName" && value;
    if (typeof name === "string") return name;
  }
  return undefined;
};

const listOf = (resources: JsonObject[], query: URLSearchParams): Answer => {
  const { attribute, value } = wantedBy(query);
  const found = resources.filter((one) => String(one[attribute] ?? "").toLowerCase() === value.toLowerCase());
  const counts = { totalResults: found.length, startIndex: 1, itemsPerPage: found.length };
  return { status: 200, body: { ...counts, Resources: found } };
};

/** Our filters are `attribute eq "value"`. Where there is none, nothing is known to be there. */
const wantedBy = (query: URLSearchParams): { attribute: string; value: string } => {
  const [, attribute = "", value = '""'] = /^(\S+) eq (".*")$/s.exec(query.get("filter") ?? "") ?? [];
  return { attribute, value: String(JSON.parse(value)) };
};

const newId = (id = "new"): string => `{remoteId:${id}}`;

const toHttp = ({ status, body }: Answer): HttpAnswer => ({
  status,
  headers: { "content-type": "application/scim+json" },
  text: body === undefined ? "" : JSON.stringify(body),
  cut: false,
  isGarbled: false,
});
