import { callOf, integrationAnswer } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { pauseIntegration } from "../shared/integrations/pause-integration.ts";
import { integrationSchema } from "../shared/model/integration.ts";
import { idempotency, ports } from "../shared/runtime/services.ts";
import { lifecycleState } from "./state-access.ts";

/** While an integration is paused, all that is asked for is saved and nothing is sent. */
export const endpoint = defineEndpoint({
  name: "pause-integration",
  method: "POST",
  path: "/integrations/{integrationId}/pause",
  role: "admin",
  summary: "Pause an integration",
  access: {
    state: lifecycleState,
    events: "put",
    secrets: ["describe", "delete"],
    idempotencyKey: true,
  },
  params: integrationParams,
  answers: { 200: { description: "The integration.", schema: integrationSchema, headers: ["ETag"] } },
  failures: [
    "not-found",
    "precondition-failed",
    "integration-not-active",
    "attempt-in-progress",
    "audit-unavailable",
  ],
  handle: async (request) => {
    const at = { integrationId: request.params.integrationId, ifMatch: request.headers["if-match"] };
    return integrationAnswer(200, await pauseIntegration(ports, callOf(request), at, true));
  },
});

export const handler = lambda(endpoint, { idempotency });
