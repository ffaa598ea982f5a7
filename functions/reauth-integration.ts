import { callOf, integrationAnswer, lifecycleFailures } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { checkTarget } from "../shared/http/input/check-target.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { reauthIntegration } from "../shared/integrations/reauth-integration.ts";
import { reauthInputSchema } from "../shared/model/inputs.ts";
import { integrationSchema } from "../shared/model/integration.ts";
import { idempotency, targetRules, workerPorts } from "../shared/runtime/services.ts";
import { connectionState } from "./state-access.ts";

/** Replaces the secret of an integration, once the new one has been tested. */
export const endpoint = defineEndpoint({
  name: "reauth-integration",
  method: "POST",
  path: "/integrations/{integrationId}/reauth",
  role: "admin",
  summary: "Replace the credentials of an integration",
  access: {
    state: connectionState,
    events: "put",
    secrets: ["create", "put", "restore", "describe", "delete"],
    givenSecrets: true,
    idempotencyKey: true,
    wakeUps: ["send"],
    hashKey: true,
  },
  params: integrationParams,
  body: reauthInputSchema,
  answers: { 200: { description: "The integration.", schema: integrationSchema, headers: ["ETag"] } },
  failures: [
    ...lifecycleFailures,
    "not-found",
    "precondition-failed",
    "integration-not-active",
    "reauth-test-failed",
    "different-tenant",
  ],
  handle: async (request) => {
    const { integrationId } = request.params;
    const input = checkTarget(request.body, targetRules());
    const at = { integrationId, ifMatch: request.headers["if-match"] };
    return integrationAnswer(200, await reauthIntegration(workerPorts, callOf(request), at, input));
  },
});

export const handler = lambda(endpoint, { idempotency });
