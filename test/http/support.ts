import type { Context } from "aws-lambda";
import { toContext } from "../../infra/local/front/http-event.ts";
import type { Endpoint, Route } from "../../shared/http/endpoint.ts";
import type { HttpEvent, HttpHandler, HttpResult } from "../../shared/http/invocation.ts";
import type { Role } from "../../shared/model/role.ts";

export type EventParts = {
  method?: string;
  path?: string;
  params?: Record<string, string>;
  query?: string;
  headers?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
  authorizer?: object | null;
  sourceIp?: string;
};

/** An event of an HTTP API, from the local admin unless `authorizer` says otherwise. */
export const anEvent = (parts: EventParts = {}): HttpEvent => {
  const {
    method = "POST",
    path = "/things",
    authorizer = { lambda: { principalId: "local-admin", role: "admin" } },
  } = parts;
  const headers = { ...parts.headers };
  const requestContext = {
    accountId: "1",
    apiId: "a",
    domainName: "d",
    domainPrefix: "d",
    http: {
      method,
      path,
      protocol: "HTTP/1.1",
      sourceIp: parts.sourceIp ?? "203.0.113.7",
      userAgent: headers["user-agent"] ?? "",
    },
    requestId: "request-1",
    routeKey: `${method} ${path}`,
    stage: "$default",
    time: "",
    timeEpoch: 0,
    ...(authorizer === null ? {} : { authorizer }),
  };
  return {
    version: "2.0",
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: parts.query ?? "",
    headers,
    requestContext,
    ...(parts.params ? { pathParameters: parts.params } : {}),
    ...(parts.body === undefined ? {} : { body: parts.body }),
    isBase64Encoded: parts.isBase64Encoded ?? false,
  };
};

export const aContext = (): Context => toContext("things", "request-1");

/** A JSON POST of a value. */
export const posted = (value: unknown, parts: EventParts = {}): EventParts => ({
  body: JSON.stringify(value),
  ...parts,
  headers: { "content-type": "application/json", ...parts.headers },
});

export const call = (
  handler: HttpHandler,
  parts: EventParts = {},
  context = aContext(),
): Promise<HttpResult> => handler(anEvent(parts), context);

export const bodyOf = (result: HttpResult): Record<string, unknown> => JSON.parse(result.body ?? "null");

/** What an endpoint needs beside its handle. */
export const things: Pick<
  Endpoint,
  "name" | "method" | "path" | "summary" | "access" | "answers" | "failures"
> & { role: Role } = {
  name: "things",
  method: "POST",
  path: "/things",
  role: "provision",
  summary: "",
  access: {} satisfies Route["access"],
  answers: {},
  failures: [],
};
