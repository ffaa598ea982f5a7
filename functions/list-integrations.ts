import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { listIntegrations } from "../shared/integrations/get-integration.ts";
import { integrationSchema, integrationStatusSchema } from "../shared/model/integration.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Lists integrations; deleted ones only where asked for. */
export const endpoint = defineEndpoint({
  name: "list-integrations",
  method: "GET",
  path: "/integrations",
  role: "read",
  summary: "List integrations",
  access: { state: { query: ["integrations"] } },
  query: z.strictObject({
    status: integrationStatusSchema.exactOptional(),
    displayLabel: z.string().min(1).max(256).exactOptional(),
    ...pageQuery,
  }),
  answers: { 200: { description: "One page of integrations.", schema: pageOf(integrationSchema) } },
  failures: [],
  handle: async ({ query }) => ({ status: 200, body: await listIntegrations(statePorts, query) }),
});

export const handler = lambda(endpoint);
