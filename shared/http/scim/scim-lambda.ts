import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type { JsonObject } from "../../model/json.ts";
import { errorBody } from "../../scim-server/errors/scim-error.ts";
import { logError } from "../../telemetry/log.ts";
import { correlationIdOf } from "../caller.ts";
import { deadlineOf, inTime } from "../in-time.ts";
import type { HttpEvent, HttpHandler, HttpResult, Middleware } from "../invocation.ts";
import { toldCalls } from "../told-calls.ts";
import { asScimError } from "./scim-failure.ts";

type Answer = { status: number; body?: JsonObject; headers?: Record<string, string> };
/**
 * SCIM in as a Lambda handler behind an HTTP API: whatever is thrown becomes an error in SCIM's form, and every answer is
 * `application/scim+json`. `serve` is given when the request must have been answered (Unix ms).
 */
export const scimLambda = (
  name: string,
  serve: (event: HttpEvent, deadline: number) => Promise<Answer>,
): HttpHandler => {
  const stack = middy(
    inTime(async (event: HttpEvent, context: Context) =>
      toScimResult(await serve(event, deadlineOf(context))),
    ),
  ).use(answerErrors(name));
  return toldCalls(stack, { name, level: "info" });
};

const answerErrors = (name: string): Middleware => ({
  after: ({ event, response }) => {
    if (response)
      response.headers = { "x-correlation-id": correlationIdOf(event.headers), ...response.headers };
  },
  onError: (invocation) => {
    const { event, context, error } = invocation;
    const correlationId = correlationIdOf(event.headers);
    const answer = scimErrorAnswer(error);
    if (answer.status >= 500 && answer.status !== 501)
      logError(error, { function: name, requestId: context.awsRequestId, correlationId });
    const result = toScimResult(answer);
    invocation.response = { ...result, headers: { "x-correlation-id": correlationId, ...result.headers } };
  },
});

/** The answer to a request that failed with what was thrown. */
export const scimErrorAnswer = (thrown: unknown): Answer => {
  const { error, retryAfterSeconds } = asScimError(thrown);
  return {
    status: error.status,
    body: errorBody(error),
    headers: {
      ...(error.status === 401 && { "www-authenticate": 'Bearer realm="usher"' }),
      ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    },
  };
};

/** The answer in the gateway's form. */
export const toScimResult = ({ status, body, headers = {} }: Answer): HttpResult =>
  body === undefined
    ? { statusCode: status, headers }
    : {
        statusCode: status,
        headers: { "content-type": "application/scim+json", ...headers },
        body: JSON.stringify(body),
      };
