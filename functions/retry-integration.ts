import * as z from "zod";
import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { retryInputSchema } from "../shared/model/inputs.ts";
import { retryWork } from "../shared/provisioning/calls/retry-work.ts";
import { idempotency, statePorts } from "../shared/runtime/services.ts";

const dueSchema = z
  .object({ due: z.number().int() })
  .meta({ id: "Retry", description: "How many users and groups are tried again now." });

/** Makes what waits for a later time due now. It is carried out by itself, within a minute. */
export const endpoint = defineEndpoint({
  name: "retry-integration",
  method: "POST",
  path: "/integrations/{integrationId}/retry",
  role: "provision",
  summary: "Try again now what has failed",
  access: {
    state: {
      get: ["integrations", "users", "groups"],
      update: ["integrations", "users", "groups"],
      indexes: ["byWork"],
    },
    idempotencyKey: true,
  },
  params: integrationParams,
  body: retryInputSchema.prefault({}),
  answers: { 202: { description: "Due now; it goes on by itself.", schema: dueSchema } },
  failures: ["not-found", "integration-not-active"],
  handle: async (request) => ({
    status: 202,
    body: await retryWork(statePorts, callOf(request), request.params.integrationId, request.body),
  }),
});

export const handler = lambda(endpoint, { idempotency });
