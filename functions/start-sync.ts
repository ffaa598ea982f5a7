import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { syncInputSchema, syncSchema } from "../shared/model/sync.ts";
import { idempotency, statePorts } from "../shared/runtime/services.ts";
import { startSync } from "../shared/syncs/start-sync.ts";
import { jobStart } from "./state-access.ts";

/** Begins to plan, apply, or verify all of an integration; it goes on by itself. */
export const endpoint = defineEndpoint({
  name: "start-sync",
  method: "POST",
  path: "/integrations/{integrationId}/syncs",
  role: "provision",
  summary: "Plan, apply or verify an integration",
  access: { state: jobStart, idempotencyKey: true },
  params: integrationParams,
  body: syncInputSchema,
  answers: { 202: { description: "Begun.", schema: syncSchema, headers: ["Location"] } },
  failures: [
    "not-found",
    "integration-not-active",
    "integration-needs-reauth",
    "job-in-progress",
    "acknowledgement-needed",
  ],
  handle: async (request) => {
    const { integrationId } = request.params;
    const sync = await startSync(statePorts, callOf(request), integrationId, request.body);
    const location = `/integrations/${integrationId}/syncs/${sync.syncId}`;
    return { status: 202, body: sync, headers: { location } };
  },
});

export const handler = lambda(endpoint, { idempotency });
