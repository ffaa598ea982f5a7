import type { ProviderAnswer, ProviderRequest } from "../front.ts";
import { RESOURCE_TYPES, SCHEMAS, SERVICE_PROVIDER_CONFIG } from "./discovery.ts";
import { notFound, Refusal, refusal } from "./errors.ts";
import { createGroup, deleteGroup, getGroup, listGroups, patchGroup, replaceGroup } from "./groups.ts";
import { listResponse, readPage } from "./lists.ts";
import { isObject, type Json } from "./schema.ts";
import type { Store } from "./store.ts";
import { createUser, deleteUser, getUser, listUsers, patchUser, replaceUser } from "./users.ts";

/** The calls of one resource type. */
type Resource = {
  list(store: Store, query: URLSearchParams): Json[];
  get(store: Store, id: string): Json;
  create(store: Store, body: Json): Json;
  replace(store: Store, id: string, body: Json): Json;
  patch(store: Store, id: string, body: Json): Json | undefined;
  remove(store: Store, id: string): void;
};

const RESOURCES: Record<string, Resource> = {
  Users: {
    list: listUsers,
    get: getUser,
    create: createUser,
    replace: replaceUser,
    patch: patchUser,
    remove: deleteUser,
  },
  Groups: {
    list: listGroups,
    get: getGroup,
    create: createGroup,
    replace: replaceGroup,
    patch: patchGroup,
    remove: deleteGroup,
  },
};

const DOCUMENTS: Record<string, Json[]> = { Schemas: SCHEMAS, ResourceTypes: RESOURCE_TYPES };

/** Answers one request whose token is right. */
export function route(store: Store, request: ProviderRequest, mode: "2025" | "2026"): ProviderAnswer {
  const { method, path, query } = request;
  if (path === "/Me") throw new Refusal(501, "");
  if (path === "/ServiceProviderConfig") return answer(200, SERVICE_PROVIDER_CONFIG);

  const [root, name = "", rawId, more] = path.split("/");
  if (root !== "" || more !== undefined) throw noEndpoint();
  const id = rawId === undefined ? undefined : decode(rawId);
  const documents = Object.hasOwn(DOCUMENTS, name) ? DOCUMENTS[name] : undefined;
  if (documents !== undefined && method === "GET") {
    if (id !== undefined) return answer(200, byId(documents, id));
    return answer(200, listResponse(documents, readPage(query), null));
  }
  const resource = Object.hasOwn(RESOURCES, name) ? RESOURCES[name] : undefined;
  if (resource === undefined) throw noEndpoint();
  return id === undefined
    ? routeCollection(store, name, resource, request, mode)
    : routeItem(store, id, resource, request);
}

function routeCollection(
  store: Store,
  name: string,
  resource: Resource,
  request: ProviderRequest,
  mode: "2025" | "2026",
): ProviderAnswer {
  if (request.method === "GET") {
    const page = readPage(request.query);
    const list = listResponse(resource.list(store, request.query), page, mode === "2025" ? null : []);
    for (const shown of list.Resources ?? []) markManaged(store, shown);
    return answer(200, list);
  }
  if (request.method !== "POST") throw noEndpoint();
  const created = markManaged(store, resource.create(store, readBody(request)));
  return answer(201, created, mode === "2026" ? { location: `${name}/${created.id}` } : {});
}

function routeItem(store: Store, id: string, resource: Resource, request: ProviderRequest): ProviderAnswer {
  switch (request.method) {
    case "GET":
      return answer(200, markManaged(store, resource.get(store, id)));
    case "PUT":
      return answer(200, markManaged(store, resource.replace(store, id, readBody(request))));
    case "PATCH": {
      const patched = resource.patch(store, id, readBody(request));
      store.managed.add(id);
      return patched === undefined ? answer(204) : answer(200, patched);
    }
    case "DELETE":
      resource.remove(store, id);
      store.managed.delete(id);
      return answer(204);
    default:
      throw noEndpoint();
  }
}

/** Every answer has SCIM's content type, 204 and errors included. */
function answer(status: number, body?: Json, headers: Record<string, string> = {}): ProviderAnswer {
  return {
    status,
    headers: { "content-type": "application/scim+json", ...headers },
    body: body === undefined ? "" : JSON.stringify(body),
  };
}

/** The content type is not looked at: strongDM's own client sends none. */
function readBody(request: ProviderRequest): Json {
  try {
    const body: unknown = JSON.parse(request.body);
    if (isObject(body)) return body;
  } catch {
    // Refused below, like any JSON that is not an object.
  }
  throw refusal("invalidSyntax");
}

function markManaged(store: Store, resource: Json): Json {
  store.managed.add(String(resource.id));
  return resource;
}

function byId(documents: Json[], id: string): Json {
  const found = documents.find((document) => document.id === id);
  if (found === undefined) throw notFound(id);
  return found;
}

function noEndpoint(): Refusal {
  return new Refusal(404, "Specified endpoint does not exist.");
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    throw noEndpoint();
  }
}
