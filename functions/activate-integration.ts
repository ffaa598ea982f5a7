import { callOf, integrationAnswer, lifecycleFailures } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { checkNewTarget } from "../shared/http/input/check-target.ts";
import { lambda } from "../shared/http/lambda.ts";
import { activateIntegration } from "../shared/integrations/activate-integration.ts";
import { activationInputSchema } from "../shared/model/inputs.ts";
import { activatedIntegrationSchema } from "../shared/model/views.ts";
import { idempotency, ports, targetRules } from "../shared/runtime/services.ts";
import { connectionState } from "./state-access.ts";

/** Activates an integration: its target is tested before anything is kept. */
export const endpoint = defineEndpoint({
  name: "activate-integration",
  method: "POST",
  path: "/integrations",
  role: "admin",
  summary: "Activate an integration",
  access: {
    state: connectionState,
    events: "put",
    secrets: ["create", "describe", "delete"],
    givenSecrets: true,
    idempotencyKey: true,
    hashKey: true,
  },
  body: activationInputSchema,
  answers: {
    201: {
      description: "The integration is active.",
      schema: activatedIntegrationSchema,
      headers: ["ETag", "Location"],
    },
  },
  failures: [...lifecycleFailures, "activation-test-failed"],
  handle: async (request) => {
    const input = checkNewTarget(request.body, targetRules());
    const integration = await activateIntegration(ports, callOf(request), input);
    const answer = integrationAnswer(201, integration);
    return {
      ...answer,
      headers: { ...answer.headers, location: `/integrations/${integration.integrationId}` },
    };
  },
});

export const handler = lambda(endpoint, { idempotency });
