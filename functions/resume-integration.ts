import { callOf, integrationAnswer } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { pauseIntegration } from "../shared/integrations/pause-integration.ts";
import { integrationSchema } from "../shared/model/integration.ts";
import { idempotency, workerPorts } from "../shared/runtime/services.ts";
import { lifecycleState } from "./state-access.ts";

/** Resumes a paused integration: what has waited is carried out by itself. */
export const endpoint = defineEndpoint({
  name: "resume-integration",
  method: "POST",
  path: "/integrations/{integrationId}/resume",
  role: "admin",
  summary: "Resume a paused integration",
  access: {
    state: lifecycleState,
    events: "put",
    secrets: ["describe", "delete"],
    idempotencyKey: true,
    wakeUps: ["send"],
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
    return integrationAnswer(200, await pauseIntegration(workerPorts, callOf(request), at, false));
  },
});

export const handler = lambda(endpoint, { idempotency });
