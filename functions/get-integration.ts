import { integrationAnswer } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { getIntegration } from "../shared/integrations/get-integration.ts";
import { integrationSchema } from "../shared/model/integration.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Reads an integration, a deleted one too. */
export const endpoint = defineEndpoint({
  name: "get-integration",
  method: "GET",
  path: "/integrations/{integrationId}",
  summary: "Read an integration",
  access: { state: "read" },
  params: integrationParams,
  answers: { 200: { description: "The integration.", schema: integrationSchema, headers: ["ETag"] } },
  failures: ["not-found"],
  handle: async ({ params }) =>
    integrationAnswer(200, await getIntegration(statePorts, params.integrationId)),
});

export const handler = lambda(endpoint);
