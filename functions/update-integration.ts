import { callOf, integrationAnswer, lifecycleFailures } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { checkTarget } from "../shared/http/input/check-target.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { profileWith } from "../shared/integrations/get-integration.ts";
import { updateIntegration } from "../shared/integrations/update-integration.ts";
import { updateInputSchema } from "../shared/model/inputs.ts";
import { integrationSchema } from "../shared/model/integration.ts";
import { ports, targetRules } from "../shared/runtime/services.ts";
import { connectionState } from "./state-access.ts";

/** Updates an integration; what changes the connection is tested before it is saved. */
export const endpoint = defineEndpoint({
  name: "update-integration",
  method: "PATCH",
  path: "/integrations/{integrationId}",
  role: "admin",
  summary: "Update an integration",
  access: {
    state: connectionState,
    events: "put",
    secrets: ["create", "read", "put", "restore", "describe", "delete"],
    givenSecrets: true,
    hashKey: true,
  },
  params: integrationParams,
  body: updateInputSchema,
  answers: { 200: { description: "The integration.", schema: integrationSchema, headers: ["ETag"] } },
  failures: [
    ...lifecycleFailures,
    "not-found",
    "precondition-failed",
    "immutable-field",
    "credentials-required",
    "groups-disabled",
    "integration-not-active",
    "integration-needs-reauth",
    "update-test-failed",
    "different-tenant",
  ],
  handle: async (request) => {
    const { integrationId } = request.params;
    const profile = await profileWith(ports, integrationId, request.body.overrides);
    const patch = checkTarget(request.body, targetRules(), profile);
    const at = { integrationId, ifMatch: request.headers["if-match"] };
    return integrationAnswer(200, await updateIntegration(ports, callOf(request), at, patch));
  },
});

export const handler = lambda(endpoint);
