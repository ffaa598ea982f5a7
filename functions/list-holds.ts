import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { holdSchema, holdStateSchema } from "../shared/model/hold.ts";
import { listHolds } from "../shared/provisioning/holds/list-holds.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Lists what the guard holds at an integration, and what was decided about it; the oldest first. */
export const endpoint = defineEndpoint({
  name: "list-holds",
  method: "GET",
  path: "/integrations/{integrationId}/holds",
  role: "read",
  summary: "List the holds of an integration",
  access: { state: { get: ["integrations"], query: ["holds"] } },
  params: integrationParams,
  query: z.strictObject({ state: holdStateSchema.exactOptional(), ...pageQuery }),
  answers: { 200: { description: "One page of holds.", schema: pageOf(holdSchema) } },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listHolds(statePorts, params.integrationId, query),
  }),
});

export const handler = lambda(endpoint);
