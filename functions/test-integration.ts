import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { checkConnection } from "../shared/integrations/check-connection.ts";
import { connectionTestSchema } from "../shared/model/views.ts";
import { ports } from "../shared/runtime/services.ts";

/** Tests an integration with its stored secret; changes nothing and leaves no event. */
export const endpoint = defineEndpoint({
  name: "test-integration",
  method: "POST",
  path: "/integrations/{integrationId}/test",
  role: "admin",
  summary: "Test an integration with its stored secret",
  access: { state: { get: ["integrations"] }, secrets: ["read"] },
  params: integrationParams,
  answers: { 200: { description: "What works and what does not.", schema: connectionTestSchema } },
  failures: ["not-found", "integration-not-active", "provider-unavailable"],
  handle: async (request) => ({
    status: 200,
    body: await checkConnection(ports, callOf(request), request.params.integrationId),
  }),
});

export const handler = lambda(endpoint);
