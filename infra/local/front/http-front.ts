import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { maxBodyBytes } from "../../../shared/http/input/read-body.ts";
import type { HttpHandler, HttpResult } from "../../../shared/http/invocation.ts";
import { toResult } from "../../../shared/http/lambda.ts";
import { asFailure, problemAnswer } from "../../../shared/http/problem.ts";
import { scimErrorAnswer, toScimResult } from "../../../shared/http/scim/scim-lambda.ts";
import { Failure } from "../../../shared/model/failure.ts";
import type { Role } from "../../../shared/model/role.ts";
import { maxBody } from "../../../shared/scim-server/messages/read-body.ts";
import { logError } from "../../../shared/telemetry/log.ts";
import { admit, admitScim, type Gate } from "./admit.ts";
import { findRoute, type RoutedFunction } from "./find-route.ts";
import { lambdaMs, toContext, toHttpEvent } from "./http-event.ts";
import { listen, type Room, readBody, send, stop } from "./http-io.ts";
import { createLanes, type LaneLimits } from "./lanes.ts";
import { callerFinder, type LocalCaller } from "./local-callers.ts";
import { lateRefusal, refuseUnreadable, unreadableAnswer } from "./unreadable.ts";

export type HttpFront = { url: string; close(): Promise<void> };
export type HttpFrontOptions = {
  /** 0, the default, takes any free port. */
  port?: number;
  tokens: Record<Role, { token: string }>;
  functions: readonly RoutedFunction[];
  /** SCIM in, and the address at which identity providers reach it, where that is another one. */
  scim?: HttpHandler;
  publicUrl?: string | undefined;
  /** Answers every path and method that no function has. */
  notFound: HttpHandler;
  /** How long a request may take to arrive. */
  arrivalMs?: number;
  limits?: LaneLimits;
  /** Told of each call once its answer is on its way. */
  onCall?: ((call: FinishedCall) => void) | undefined;
};
/** `route` is the path's template, undefined where no function has it; `status` is undefined where the client left. */
export type FinishedCall = {
  method: string;
  route: string | undefined;
  status: number | undefined;
  ms: number;
};
type Front = {
  takeTurn: ReturnType<typeof createLanes>;
  room: Room;
  arrivalMs: number;
} & Gate &
  HttpFrontOptions;

/** Of bodies at once: a hundred as large as they may be. */
const roomForBodies = 128 * 1024 * 1024;

/**
 * The place of API Gateway in the local run: an HTTP server on 127.0.0.1 that hands each request to the Lambda of its
 * route. A page in the user's browser reaches the port too, so there are no CORS headers, and a Host header of another
 * name is refused (DNS rebinding). Sizes and times are bounded, and no request can end the process.
 *
 * @throws the listen error, e.g. EADDRINUSE
 */
export const startHttpFront = async (options: HttpFrontOptions): Promise<HttpFront> => {
  const { port = 0, tokens, arrivalMs = 30_000, limits, onCall = () => {} } = options;
  const hosts = () => {
    const { port: taken } = server.address() as AddressInfo;
    return [`127.0.0.1:${taken}`, `localhost:${taken}`];
  };
  const front: Front = {
    ...options,
    hosts,
    publicHost: () => options.publicUrl && new URL(options.publicUrl).host,
    findCaller: callerFinder(tokens),
    takeTurn: createLanes(limits),
    room: { left: roomForBodies },
    arrivalMs,
  };
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    // An aborted request, or a socket that closed under the answer, is the client's affair.
    request.on("error", () => {});
    response.on("error", () => {});
    const startedAt = performance.now();
    const routed = findRoute(request, front);
    answer(routed, request, response, front)
      .then((result) => {
        send(request, response, result);
        const { method = "" } = request;
        const template = routed.match.pathParameters && routed.endpoint.path;
        const ms = Math.round(performance.now() - startedAt);
        onCall({ method, route: template, status: result && (result.statusCode ?? 200), ms });
      })
      .catch((error: unknown) => {
        logError(error, { function: "http-front" });
        response.destroy();
      });
  };
  const server = createServer(
    // A request without a Host is refused below, in words.
    { connectionsCheckingInterval: Math.min(5_000, arrivalMs), requireHostHeader: false },
    serve,
  );
  // A client that asks first (`Expect: 100-continue`, as curl does for large bodies) is answered before the body is sent.
  server.on("checkContinue", serve);
  refuseUnreadable(server);
  server.headersTimeout = Math.min(10_000, arrivalMs);
  // The body's own time is over before: then there is an answer.
  server.requestTimeout = arrivalMs + 5_000;
  server.keepAliveTimeout = 60_000;
  // Room for all that may wait, so that what is too much is answered and not cut off.
  server.maxConnections = 4_096;
  await listen(server, port);
  return { url: `http://${hosts()[0]}`, close: () => stop(server) };
};

/** Undefined where the client left before its request was whole. */
const answer = async (
  { endpoint, handler, match }: ReturnType<typeof findRoute>,
  request: IncomingMessage,
  response: ServerResponse,
  front: Front,
): Promise<HttpResult | undefined> => {
  const isScim = !("method" in endpoint);
  const refusal = isScim ? scimRefusal : problemRefusal;
  const maxBytes = isScim ? maxBody : maxBodyBytes;
  let caller: LocalCaller | undefined;
  try {
    if (isScim) admitScim(request, front);
    else caller = admit(request, endpoint, front);
  } catch (error) {
    return refusal(asFailure(error));
  }
  // A turn is taken once the call is whole: who sends slowly keeps nobody waiting.
  const body = await readBody(request, response, { ...front, maxBytes });
  if (body === "too-large")
    return refusal(new Failure("body-too-large", `At most ${maxBytes} bytes are taken.`));
  if (body === "late") return unreadableAnswer(lateRefusal);
  if (body === "no-room") return refusal(tooManyCalls(), "Too many calls at once");
  if (body === "aborted") return undefined;
  const end = Date.now() + lambdaMs;
  const carryOut = async (): Promise<HttpResult> => {
    const event = toHttpEvent(request, body, match, caller);
    try {
      return await handler(event, toContext(endpoint.name, event.requestContext.requestId, end));
    } catch (error) {
      logError(error, { function: endpoint.name, requestId: event.requestContext.requestId });
      return refusal(asFailure(error));
    }
  };
  try {
    if (!isScim && endpoint.open === true) return await carryOut();
    const endTurn = await front.takeTurn(request.method, response);
    if (!endTurn) return response.destroyed ? undefined : refusal(tooManyCalls(), "Too many calls at once");
    return await carryOut().finally(endTurn);
  } finally {
    front.room.left += body.length;
  }
};

const comeAgainSeconds = 5;

const tooManyCalls = (): Failure => {
  const detail = `Too many calls are at hand, and this one was not begun. Send it again in ${comeAgainSeconds} s, and fewer at once.`;
  return new Failure("store-unavailable", detail, { retryAfterSeconds: comeAgainSeconds });
};

const scimRefusal = (failure: Failure): HttpResult => toScimResult(scimErrorAnswer(failure));

const problemRefusal = (failure: Failure, title?: string): HttpResult => {
  const isUnknown = failure.code === "unauthenticated";
  const answer = problemAnswer(failure, isUnknown ? { "www-authenticate": 'Bearer realm="usher"' } : {});
  return toResult(title === undefined ? answer : { ...answer, body: { ...(answer.body as object), title } });
};
