import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Context } from "aws-lambda";
import type { HttpEvent } from "../../../shared/http/invocation.ts";
import type { LocalCaller } from "./local-callers.ts";

/** What a route made of the request's path. */
export type RouteMatch = { routeKey: string; pathParameters?: Record<string, string> };

/** The path and the query of a request, still encoded. */
export const splitUrl = (url: string): { rawPath: string; rawQueryString: string } => {
  const at = url.indexOf("?");
  return at === -1
    ? { rawPath: url, rawQueryString: "" }
    : { rawPath: url.slice(0, at), rawQueryString: url.slice(at + 1) };
};

/** The request as an HTTP API hands it to a Lambda (payload format 2.0), from the caller whose token it carries. */
export const toHttpEvent = (
  request: IncomingMessage,
  body: Buffer,
  match: RouteMatch,
  caller: LocalCaller | undefined,
): HttpEvent => {
  const { rawPath, rawQueryString } = splitUrl(request.url ?? "/");
  const headers = readHeaders(request);
  const now = new Date();
  // An HTTP API hands on text as text and everything else in base64.
  const isBase64Encoded = !isUtf8(body);
  const requestContext = {
    accountId: "local",
    apiId: "local",
    domainName: headers.host ?? "localhost",
    domainPrefix: "localhost",
    http: {
      method: request.method ?? "GET",
      path: rawPath,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: (request.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, ""),
      userAgent: headers["user-agent"] ?? "",
    },
    requestId: randomUUID(),
    routeKey: match.routeKey,
    stage: "$default",
    time: now.toUTCString(),
    timeEpoch: now.getTime(),
    ...(caller ? { authorizer: { lambda: { principalId: caller.id, role: caller.role } } } : {}),
  };
  return {
    version: "2.0",
    routeKey: match.routeKey,
    rawPath,
    rawQueryString,
    headers,
    requestContext,
    ...(match.pathParameters ? { pathParameters: match.pathParameters } : {}),
    ...(body.length > 0 ? { body: body.toString(isBase64Encoded ? "base64" : "utf8") } : {}),
    isBase64Encoded,
  };
};

/**
 * What a Lambda has, from the moment that the call is whole: the local run gives no more, its wait for a turn included,
 * so that it answers as AWS does. A Lambda gives up a second before (http/lambda.ts): within 28 s.
 */
export const lambdaMs = 29_000;

/** The context of one invocation that ends at `end` (Unix ms): the parts that this project reads. */
export const toContext = (functionName: string, awsRequestId: string, end = Date.now() + lambdaMs): Context =>
  ({
    functionName,
    awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, end - Date.now()),
  }) as Context;

/** Node reads header bytes as Latin-1; callers write UTF-8, e.g. in a Change-Reason. */
const readHeaders = (request: IncomingMessage): Record<string, string> => {
  const entries = Object.entries(request.headersDistinct).map(([name, values = []]) => {
    const bytes = Buffer.from(values.join(","), "latin1");
    return [name, bytes.toString(isUtf8(bytes) ? "utf8" : "latin1")];
  });
  return Object.fromEntries(entries);
};
