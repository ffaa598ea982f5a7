import type { ProviderAnswer, ProviderRequest } from "../front.ts";
import { notFound, Refusal, typeOf } from "./errors.ts";
import {
  createGroup,
  deleteGroup,
  findGroup,
  listGroups,
  patchGroup,
  replaceGroup,
  showGroup,
} from "./groups.ts";
import { select, toPage } from "./lists.ts";
import { isObject, type Json } from "./resource.ts";
import { countWrite, type Store } from "./store.ts";
import type { Switches } from "./switches.ts";
import {
  createUser,
  deleteUser,
  findUser,
  listUsers,
  patchUser,
  replaceUser,
  showUser,
  type Written,
} from "./users.ts";

/** Answers one request whose token is right. */
export const route = async (store: Store, request: ProviderRequest): Promise<ProviderAnswer> => {
  const { switches } = store;
  if (switches.requireUserAgent && !request.headers["user-agent"])
    throw new Refusal(403, "Request forbidden by administrative rules. Please send a User-Agent header.");
  if (switches.noTrailingSlash && /\/\/|.\/$/.test(request.path))
    throw new Refusal(404, "Specified endpoint does not exist.");
  const moved = request.path.startsWith("/moved/");
  const path = moved ? request.path.slice("/moved".length) : request.path;
  if (switches.redirect308 && !moved)
    throw new Refusal(308, "Moved.", undefined, {
      location: request.url.replace(request.path, `/moved${path}`),
    });

  const [, collection = "", encoded, ...rest] = path.split("/");
  if (discovery.includes(collection)) return discover(store, collection);
  const isGroups = collection === "Groups" && !switches.usersOnly;
  if ((collection !== "Users" && !isGroups) || rest.length > 0)
    throw new Refusal(404, "Specified endpoint does not exist.");
  const id = encoded === undefined ? undefined : decode(encoded);
  await carryOutLater(store);
  if (request.method === "GET") carryOutAccepted(store);
  if (request.method === "GET")
    return answer(store, { status: 200, shown: read(store, isGroups, id, request.query) });
  countWrite(store);
  const { acceptsCreations, createsBehindTimeout, acceptsChanges } = switches;
  const getsBefore = acceptsCreations ?? createsBehindTimeout;
  if (request.method === "POST" && getsBefore !== undefined) {
    const carryOut = () => void (isGroups ? createGroup : createUser)(store, parse(request.body));
    store.accepted.push({ getsBefore, carryOut });
    if (acceptsCreations === undefined) throw new Refusal(504, "The gateway has given up waiting.");
    return answer(store, { status: 202 });
  }
  if (switches.changesLater && request.method === "PATCH" && id !== undefined) {
    const { status, requests } = switches.changesLater;
    const shown = read(store, isGroups, id, new URLSearchParams());
    store.later.push({ requestsBefore: requests, carryOut: () => write(store, request, isGroups, id) });
    return answer(store, { status, shown });
  }
  const written = await write(store, request, isGroups, id);
  if (switches.readsBehind !== undefined) keepShown(store);
  if (switches.refusesAfter && request.method === "PATCH" && !isGroups)
    throw new Refusal(switches.refusesAfter, "The licence could not be freed.");
  if (request.method === "PATCH" && switches.patchAnswersText !== undefined)
    return { ...answer(store, { status: 200 }), body: switches.patchAnswersText };
  return answer(store, acceptsChanges && request.method !== "POST" ? { status: 202 } : written);
};

const carryOutAccepted = (store: Store): void => {
  for (const creation of store.accepted) {
    creation.getsBefore -= 1;
    if (creation.getsBefore !== -1) continue;
    try {
      creation.carryOut();
    } catch (error) {
      // It was accepted, and turns out to be a duplicate: nobody is told.
      if (!(error instanceof Refusal)) throw error;
    }
  }
};

const carryOutLater = async (store: Store): Promise<void> => {
  for (const change of store.later) change.requestsBefore -= 1;
  while (store.later[0] && (store.later[0].requestsBefore < 0 || !store.switches.changesLater))
    // What is refused by then is refused without a word.
    await Promise.resolve(store.later.shift())
      .then((change) => change?.carryOut())
      .catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
      });
};

const decode = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw notFound(encoded);
  }
};

/** Of each resource all that it was, one after the other. */
const keepShown = (store: Store): void => {
  const shown: [string, Json][] = [
    ...[...store.users.values()].map((user): [string, Json] => [`Users/${user.id}`, showUser(store, user)]),
    ...[...store.groups.values()].map((group): [string, Json] => [
      `Groups/${group.id}`,
      showGroup(store, group),
    ]),
  ];
  for (const [key, now] of shown) {
    const before = store.shown.get(key) ?? [];
    const text = JSON.stringify(now);
    if (before.at(-1) !== text) store.shown.set(key, [...before, text]);
  }
};

const shownBefore = ({ shown, switches }: Store, key: string): Json | undefined => {
  const versions = switches.readsBehind === undefined ? undefined : shown.get(key);
  return versions && JSON.parse(versions.at(-1 - (switches.readsBehind ?? 0)) ?? versions[0] ?? "");
};

const read = (store: Store, isGroups: boolean, id: string | undefined, query: URLSearchParams): Json => {
  if (id !== undefined) {
    const now = isGroups ? readGroup(store, id, query) : showUser(store, findUser(store, id));
    return shownBefore(store, `${isGroups ? "Groups" : "Users"}/${id}`) ?? now;
  }
  const all = isGroups ? listGroups(store, query) : listUsers(store);
  return toPage(select(all, isGroups ? "Groups" : "Users", query, store.switches), query, store.switches);
};

const readGroup = (store: Store, id: string, query: URLSearchParams): Json => {
  const group = findGroup(store, id);
  if (group.members.length > (store.switches.groupUnreadableAbove ?? Number.POSITIVE_INFINITY))
    throw new Refusal(500, "Unexpected error.");
  return showGroup(store, group, query);
};

const write = async (
  store: Store,
  { method, body, headers }: ProviderRequest,
  isGroups: boolean,
  id: string | undefined,
): Promise<Written> => {
  const ifMatch = headers["if-match"];
  if (method === "POST" && id === undefined)
    return isGroups ? createGroup(store, parse(body)) : createUser(store, parse(body));
  if (id === undefined) throw new Refusal(405, `${method} is not supported here.`);
  if (method === "DELETE") return isGroups ? deleteGroup(store, id) : deleteUser(store, id);
  if (method === "PATCH")
    return isGroups
      ? await patchGroup(store, id, parse(body), ifMatch)
      : patchUser(store, id, parse(body), ifMatch);
  if (method === "PUT")
    return isGroups
      ? replaceGroup(store, id, parse(body), ifMatch)
      : replaceUser(store, id, parse(body), ifMatch);
  throw new Refusal(405, `${method} is not supported here.`);
};

const parse = (body: string): Json => {
  try {
    const value: unknown = JSON.parse(body);
    if (isObject(value)) return value;
  } catch {
    // Refused below.
  }
  throw new Refusal(400, "The body is not a JSON object.", "invalidSyntax");
};

const answer = ({ switches }: Store, { status, shown, location }: Written): ProviderAnswer => ({
  status,
  headers: {
    "content-type": typeOf(switches),
    ...(location !== undefined && !switches.noLocation && { location }),
  },
  body: bodyOf(switches, status, shown),
});

const bodyOf = ({ cutsCreated }: Switches, status: number, shown: Json | undefined): string => {
  const body = shown === undefined ? "" : JSON.stringify(shown);
  return cutsCreated && status === 201 ? body.slice(0, body.length / 2) : body;
};

const discovery = ["ServiceProviderConfig", "ResourceTypes", "Schemas"];

const discover = (store: Store, document: string): ProviderAnswer => {
  const { noDiscovery, noPatch, discoveryLies } = store.switches;
  if (noDiscovery) throw new Refusal(noDiscovery, "No such document.");
  const supported = (truth: boolean) => ({ supported: discoveryLies ? !truth : truth });
  const config = {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    patch: supported(!noPatch),
    filter: { ...supported(!store.switches.filterDeclined), maxResults: 100 },
    bulk: { supported: false },
    etag: { supported: store.switches.etag412 !== undefined },
    authenticationSchemes: [],
  };
  const list = toPage([], new URLSearchParams(), {});
  return answer(store, { status: 200, shown: document === "ServiceProviderConfig" ? config : list });
};
