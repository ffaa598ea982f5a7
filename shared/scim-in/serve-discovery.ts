import { ScimError } from "../scim-server/errors/scim-error.ts";
import { resourceTypeList, resourceTypeOf, schemaList, schemaOf } from "../scim-server/messages/discovery.ts";
import { serviceProviderConfig } from "../scim-server/messages/service-provider-config.ts";
import { noSuchMethod, noSuchPath, type ScimAnswer } from "./answer.ts";
import type { ScimRequest } from "./request.ts";

/**
 * What is served, which anybody may read (RFC 7644 §4); undefined of any other endpoint.
 * @throws ScimError
 */
export const serveDiscovery = (
  { method, path, query }: ScimRequest,
  baseUrl: string,
): ScimAnswer | undefined => {
  const [endpoint = "", id, ...further] = path;
  const serve = documents[endpoint];
  if (!serve) return undefined;
  if (method !== "GET") throw noSuchMethod(method);
  if (query.filter !== undefined)
    throw new ScimError(403, "The discovery endpoints take no filter (RFC 7644 §4).");
  const body = further.length === 0 ? serve(baseUrl, id) : undefined;
  if (!body) throw noSuchPath();
  return { status: 200, body };
};

const documents: Readonly<Record<string, (baseUrl: string, id?: string) => ScimAnswer["body"]>> = {
  ServiceProviderConfig: (baseUrl, id) => (id === undefined ? serviceProviderConfig(baseUrl) : undefined),
  ResourceTypes: (baseUrl, id) =>
    id === undefined ? resourceTypeList(baseUrl) : resourceTypeOf(baseUrl, id),
  Schemas: (baseUrl, id) => (id === undefined ? schemaList(baseUrl) : schemaOf(baseUrl, id)),
};
