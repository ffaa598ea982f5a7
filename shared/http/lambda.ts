import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type { FailureCode } from "../model/failure.ts";
import { logError } from "../telemetry/log.ts";
import { correlationIdOf, readCaller } from "./caller.ts";
import { readRole, requireRole } from "./caller-role.ts";
import type { Answer, Endpoint } from "./endpoint.ts";
import { type Idempotency, idempotent } from "./idempotency.ts";
import { deadlineOf, inTime } from "./in-time.ts";
import { noBody, noQuery } from "./input/parameters.ts";
import { readBody } from "./input/read-body.ts";
import { invalidInput, parseInput } from "./input/read-input.ts";
import { decodeParams, readQuery, requirePossibleIds } from "./input/read-url.ts";
import type { HttpEvent, HttpHandler, HttpResult, Middleware } from "./invocation.ts";
import { asFailure, problemAnswer } from "./problem.ts";
import { toldCalls } from "./told-calls.ts";

type Parts<Late> = { idempotency?: () => Idempotency; late?: (known: Late) => Answer };

/**
 * An endpoint as a Lambda handler behind an HTTP API. Read it as: idempotency around the endpoint, admission around it,
 * problem documents around all. `idempotency` is for endpoints that honour an Idempotency-Key; `late` answers for a call that
 * is left where it is, by what it has said with `ifLate`.
 */
export const lambda = <Late>(endpoint: Endpoint, parts: Parts<Late> = {}): HttpHandler => {
  const stack = middy(inTime(serve(endpoint), parts.late && lateAnswer(parts.late)))
    .use(answerProblems(endpoint))
    .use(admit(endpoint));
  if (parts.idempotency) stack.use(idempotent(parts.idempotency, endpoint.shownOnce));
  // Probes ask for the health every few seconds.
  return toldCalls(stack, { name: endpoint.name, level: endpoint.open ? "debug" : "info" });
};

/**
 * Before anything is read: who calls, and whether they may. A gateway that is as this stack made it has asked for the
 * role, too; one that was changed by hand may not have. With IAM it alone can.
 */
const admit = (endpoint: Endpoint): Middleware => ({
  before: async ({ event }) => {
    if (endpoint.open === true) return undefined;
    const { authMethod } = readCaller(event, false);
    if (authMethod !== "iam") requireRole(endpoint.role, readRole(event));
    return undefined;
  },
});
const lateAnswer =
  <Late>(late: (known: Late) => Answer) =>
  (known: unknown): HttpResult =>
    toResult(late(known as Late));

const serve =
  (endpoint: Endpoint) =>
  async (event: HttpEvent, context: Context): Promise<HttpResult> => {
    const deadline = deadlineOf(context);
    const caller = readCaller(event, endpoint.open === true);
    const params = decodeParams(event.pathParameters);
    requirePossibleIds(params);
    const answer = await endpoint.handle({
      method: event.requestContext.http.method,
      path: event.rawPath,
      caller,
      role: readRole(event),
      deadline,
      headers: event.headers as Record<string, string>,
      params: endpoint.params && parseInput(endpoint.params, params, "path"),
      // What a call does not know is refused and not left out: nobody who sends `?dryRun=true` wants the change made.
      query: parseInput(endpoint.query ?? noQuery, readQuery(event.rawQueryString), "query"),
      body: bodyOf(endpoint, event),
    });
    return toResult(answer);
  };

/**
 * A body has no meaning in a GET (RFC 9110 §9.3.1), so that one is refused whatever it holds. That a path has no route is
 * what the caller has to hear first.
 */
const bodyOf = ({ body, method }: Endpoint, event: HttpEvent): unknown => {
  if (body !== undefined || method !== "GET") return parseInput(body ?? noBody, readBody(event), "body");
  if (event.body && event.routeKey !== "$default")
    throw invalidInput([{ path: "body", message: "this call takes none" }]);
  return undefined;
};

/** Failures that hide their reason from the caller: only the log tells it. */
const ownFaults: ReadonlySet<FailureCode> = new Set(["internal", "store-unavailable", "audit-unavailable"]);

/** The secrets of the request itself, as they stand in its body. */
const secretsIn = ({ body = "", isBase64Encoded }: HttpEvent): string[] => {
  const text = isBase64Encoded ? Buffer.from(body, "base64").toString() : body;
  return [...text.matchAll(/"(?:clientSecret|token)"\s*:\s*"((?:[^"\\]|\\.)+)"/g)].map(
    ([, secret = ""]) => secret,
  );
};

/**
 * The outermost middleware: everything that is thrown becomes a problem document, and every answer names its
 * correlation.
 */
const answerProblems = ({ name }: Endpoint): Middleware => ({
  after: ({ event, response }) => {
    if (!response) return;
    response.headers = { "x-correlation-id": correlationIdOf(event.headers), ...response.headers };
    if (event.requestContext.http.method === "HEAD") delete response.body;
  },
  onError: (invocation) => {
    const { event, context, error } = invocation;
    const correlationId = correlationIdOf(event.headers);
    const failure = asFailure(error);
    if (ownFaults.has(failure.code)) {
      const where = { function: name, requestId: context.awsRequestId, correlationId };
      logError(failure.extras.cause ?? failure, where, secretsIn(event));
    }
    invocation.response = toResult(problemAnswer(failure, { "x-correlation-id": correlationId }));
  },
});

/** The answer in the gateway's form. */
export const toResult = ({ status, body, headers = {} }: Answer): HttpResult =>
  body === undefined
    ? { statusCode: status, headers }
    : {
        statusCode: status,
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      };
