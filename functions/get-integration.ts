import { integrationAnswer } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { getIntegration } from "../shared/integrations/get-integration.ts";
import { integrationSchema } from "../shared/model/integration.ts";
import { provisioningOf } from "../shared/provisioning/overview/provisioning-of.ts";
import { eventReader, statePorts } from "../shared/runtime/services.ts";

/** Reads an integration, and how it stands; a deleted one too. */
export const endpoint = defineEndpoint({
  name: "get-integration",
  method: "GET",
  path: "/integrations/{integrationId}",
  summary: "Read an integration",
  access: { state: "read", events: "query" },
  params: integrationParams,
  answers: { 200: { description: "The integration.", schema: integrationSchema, headers: ["ETag"] } },
  failures: ["not-found"],
  handle: async ({ params }) => {
    const integration = await getIntegration(statePorts, params.integrationId);
    if (integration.status === "deleted") return integrationAnswer(200, integration);
    const provisioning = await provisioningOf({ ports: statePorts, events: eventReader() }, integration);
    return integrationAnswer(200, { ...integration, provisioning });
  },
});

export const handler = lambda(endpoint);
