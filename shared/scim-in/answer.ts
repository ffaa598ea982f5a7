import type { JsonObject } from "../model/json.ts";
import { ScimError } from "../scim-server/errors/scim-error.ts";
import { etagOf, hasEtag } from "../scim-server/messages/etag.ts";
import { project } from "../scim-server/messages/projection.ts";
import { readProjection } from "../scim-server/messages/read-list-query.ts";
import { locationOf } from "../scim-server/messages/show-resource.ts";
import type { ResourceType } from "../scim-server/schemas/resource-types.ts";
import type { ScimRequest } from "./request.ts";

export type ScimAnswer = { status: number; body?: JsonObject; headers?: Record<string, string> };

type Shown = { type: ResourceType; id: string; version: number; resource: JsonObject; baseUrl: string };

/** A resource with its ETag, as far as the request asks for it; of a GET that names this version, nothing (304). */
export const resourceAnswer = (
  status: 200 | 201,
  { type, id, version, resource, baseUrl }: Shown,
  { method, query, ifNoneMatch }: ScimRequest,
): ScimAnswer => {
  const headers = { etag: etagOf(version), location: locationOf(baseUrl, type, id) };
  if (method === "GET" && ifNoneMatch !== undefined && hasEtag(ifNoneMatch, version))
    return { status: 304, headers };
  return { status, headers, body: project(type, resource, readProjection(query)) };
};

export const noContent = (version?: number): ScimAnswer => ({
  status: 204,
  ...(version !== undefined && { headers: { etag: etagOf(version) } }),
});

export const noSuchPath = (): ScimError =>
  new ScimError(
    404,
    "There is no such endpoint. The base URL ends in /scim/v2, and /Users and /Groups follow it.",
  );

export const noSuchMethod = (method: string): ScimError =>
  new ScimError(405, `This endpoint does not take ${/^[A-Z]{1,10}$/.test(method) ? method : "that method"}.`);
