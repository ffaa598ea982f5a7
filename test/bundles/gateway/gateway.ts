import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Authority } from "../aws/authority.ts";
import type { Lambda } from "../runtime/lambda.ts";
import type { Route } from "../stack/deployed.ts";
import { authorize, type Issuer } from "./authorize.ts";
import { httpEvent } from "./http-event.ts";
import { decoded, findRoute } from "./routing.ts";

type Options = {
  routes: readonly Route[];
  apiId: string;
  lambdaOf(arn: string): Lambda;
  authority: Authority;
  issuer?: Issuer;
};
type Answer = { status: number; headers: Record<string, string>; body: string | Buffer };

/** Of a request, and of the event that a Lambda takes. */
const maxRequestBytes = 10 * 1024 * 1024;
const maxEventBytes = 6 * 1024 * 1024;
const integrationMs = 30_000;

/** API Gateway's HTTP API on loopback: routes, authorizers, events and limits as the template and AWS have them. */
export const startGateway = async (options: Options): Promise<{ url: string; close(): void }> => {
  const server = createServer(async (request, response) => {
    const { status, headers, body } = await answer(request, options);
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
};

/** What the gateway says itself is not a problem document. */
const own = (status: number, message: string): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ message }),
});

const answer = async (request: IncomingMessage, options: Options): Promise<Answer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (body.length > maxRequestBytes) return own(413, "Request Entity Too Large");
  const { method = "", url = "/", headers } = request;
  const [path = ""] = url.split("?");
  const match = findRoute(options.routes, method, path);
  if (!match) return own(404, "Not Found");
  const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const signed = { method, url: `http://${headers.host}${url}`, headers: flat, body };
  const authorization = await authorize(match.route, signed, decoded(path), options);
  if ("status" in authorization) return own(authorization.status, authorization.message);
  const event = httpEvent(request, body, match, { apiId: options.apiId, ...authorization });
  if (Buffer.byteLength(JSON.stringify(event)) > maxEventBytes) return own(413, "Request Entity Too Large");
  const timer = Promise.withResolvers<Answer>();
  const patience = setTimeout(() => timer.resolve(own(503, "Service Unavailable")), integrationMs);
  const answered = options
    .lambdaOf(match.route.lambda)
    .invoke(event)
    .then((outcome) =>
      "payload" in outcome ? answerOf(outcome.payload) : own(500, "Internal Server Error"),
    );
  return await Promise.race([answered, timer.promise]).finally(() => clearTimeout(patience));
};

type Result = {
  statusCode?: number;
  headers?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
};

/** A result without a status is a body alone, in payload format 2.0. */
const answerOf = (payload: string): Answer => {
  const result = JSON.parse(payload) as Result | null;
  if (result?.statusCode === undefined)
    return { status: 200, headers: { "content-type": "application/json" }, body: payload };
  const { statusCode, headers = {}, body = "", isBase64Encoded } = result;
  return { status: statusCode, headers, body: isBase64Encoded ? Buffer.from(body, "base64") : body };
};
