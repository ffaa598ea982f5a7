import type { IncomingMessage } from "node:http";
import type { Admission, Route } from "../../../shared/http/endpoint.ts";
import type { HttpHandler } from "../../../shared/http/invocation.ts";
import { scimPath } from "../../../shared/http/scim/read-request.ts";
import { type RouteMatch, splitUrl } from "./http-event.ts";

/** A Lambda behind a route. */
export type RoutedFunction = {
  endpoint: Pick<Route, "name" | "method" | "path"> & Admission;
  handler: HttpHandler;
};
/** SCIM in, which takes every method and path below its own, and checks its tokens itself. */
export type ScimFunction = { endpoint: { name: "scim"; path: string }; handler: HttpHandler };
type Routes = { functions: readonly RoutedFunction[]; scim?: HttpHandler; notFound: HttpHandler };

/** The function that takes a request, or the one that answers for all that none takes. */
export const findRoute = (
  request: IncomingMessage,
  front: Routes,
): (RoutedFunction | ScimFunction) & { match: RouteMatch } => {
  const { rawPath } = splitUrl(request.url ?? "/");
  if (front.scim && isBelow(scimPath, rawPath)) {
    const path = `${scimPath}/{proxy+}`;
    const match = { routeKey: `ANY ${path}`, pathParameters: { proxy: rawPath.slice(scimPath.length + 1) } };
    return { endpoint: { name: "scim", path }, handler: front.scim, match };
  }
  for (const { endpoint, handler } of front.functions) {
    // Probes ask by HEAD, which is a GET without a body (RFC 9110 §9.3.2).
    const isAsked = endpoint.method === request.method || (endpoint.open && request.method === "HEAD");
    const pathParameters = isAsked ? paramsOf(endpoint.path, rawPath) : undefined;
    const routeKey = `${endpoint.method} ${endpoint.path}`;
    if (pathParameters) return { endpoint, handler, match: { routeKey, pathParameters } };
  }
  // Any caller is told so, whatever the method.
  const endpoint = { name: "not-found", method: "GET", path: "/{proxy+}", role: "read" } as const;
  return { endpoint, handler: front.notFound, match: { routeKey: "$default" } };
};

const isBelow = (path: string, rawPath: string): boolean =>
  rawPath === path || rawPath.startsWith(`${path}/`);

/** The parameters of a path that matches the template, still encoded; undefined where it does not. */
const paramsOf = (template: string, path: string): Record<string, string> | undefined => {
  const wanted = template.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const segment = given[at] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== segment : segment === "") return undefined;
    if (name !== undefined) params[name] = segment;
  }
  return params;
};
