import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { account } from "../stack/values.ts";
import { decoded, type Match } from "./routing.ts";

/** Text arrives as text; every other media type, JSON of a kind of its own included, in base64. */
const isText = ({ "content-type": type = "", "content-encoding": coding }: IncomingHttpHeaders): boolean =>
  coding === undefined && /^(text\/.*|application\/(json|xml|javascript))\s*(;|$)/i.test(type);

/** A request as an HTTP API hands it to a Lambda, in payload format 2.0. */
export const httpEvent = (
  request: IncomingMessage,
  body: Buffer,
  { route, parameters }: Match,
  { apiId, authorizer }: { apiId: string; authorizer?: object | undefined },
): object => {
  const [rawPath = "", rawQueryString = ""] = (request.url ?? "/").split(/\?(.*)/s);
  // What came twice is joined; cookies have a place of their own.
  const { cookie, ...distinct } = request.headersDistinct;
  const headers = Object.fromEntries(
    Object.entries(distinct).map(([name, values = []]) => [name, values.join(",")]),
  );
  const isBase64Encoded = body.length > 0 && !isText(request.headers);
  const query = [...new URLSearchParams(rawQueryString)];
  const queryStringParameters: Record<string, string> = {};
  for (const [name, value] of query)
    queryStringParameters[name] =
      name in queryStringParameters ? `${queryStringParameters[name]},${value}` : value;
  const now = new Date();
  return {
    version: "2.0",
    routeKey: route.key,
    // Not raw at all: an HTTP API decodes it.
    rawPath: decoded(rawPath),
    rawQueryString,
    ...(cookie ? { cookies: cookie.flatMap((one) => one.split("; ")) } : {}),
    headers,
    ...(query.length > 0 ? { queryStringParameters } : {}),
    ...(Object.keys(parameters).length > 0 ? { pathParameters: parameters } : {}),
    requestContext: {
      accountId: account,
      apiId,
      ...(authorizer ? { authorizer } : {}),
      domainName: headers.host ?? "",
      domainPrefix: apiId,
      http: {
        method: request.method,
        path: decoded(rawPath),
        protocol: "HTTP/1.1",
        sourceIp: "198.51.100.7",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: route.key,
      stage: "$default",
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString(isBase64Encoded ? "base64" : "utf8") } : {}),
    isBase64Encoded,
  };
};
