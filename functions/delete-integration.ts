import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { deleteIntegration } from "../shared/integrations/delete-integration.ts";
import { ports } from "../shared/runtime/services.ts";
import { lifecycleState } from "./state-access.ts";

/** Deactivates an integration. Nothing changes at the service provider. */
export const endpoint = defineEndpoint({
  name: "delete-integration",
  method: "DELETE",
  path: "/integrations/{integrationId}",
  role: "admin",
  summary: "Delete an integration",
  access: { state: lifecycleState, events: "put", secrets: ["describe", "delete"] },
  params: integrationParams,
  answers: { 204: { description: "The integration is deleted, its secret scheduled for deletion." } },
  failures: [
    "not-found",
    "precondition-failed",
    "integration-not-active",
    "attempt-in-progress",
    "audit-unavailable",
  ],
  handle: async (request) => {
    const { integrationId } = request.params;
    await deleteIntegration(ports, callOf(request), integrationId, request.headers["if-match"]);
    return { status: 204 };
  },
});

export const handler = lambda(endpoint);
