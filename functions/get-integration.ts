import { integrationAnswer } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { integrationSchema } from "../shared/model/integration.ts";
import { showIntegration } from "../shared/provisioning/overview/show-integration.ts";
import { eventReader, statePorts } from "../shared/runtime/services.ts";

/** Reads an integration, and how it stands; a deleted one too. */
export const endpoint = defineEndpoint({
  name: "get-integration",
  method: "GET",
  path: "/integrations/{integrationId}",
  role: "read",
  summary: "Read an integration",
  access: {
    state: { get: ["integrations"], query: ["holds"], indexes: ["byListing", "byWork"] },
    events: { query: ["byIntegration"] },
  },
  params: integrationParams,
  answers: { 200: { description: "The integration.", schema: integrationSchema, headers: ["ETag"] } },
  failures: ["not-found"],
  handle: async ({ params }) => {
    const overview = { ports: statePorts, events: eventReader() };
    return integrationAnswer(200, await showIntegration(overview, params.integrationId));
  },
});

export const handler = lambda(endpoint);
