import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { groupStatusSchema, stateSchema } from "../shared/model/receipt.ts";
import { listGroupStatuses } from "../shared/provisioning/status/group-status.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Lists how the groups of an integration stand. */
export const endpoint = defineEndpoint({
  name: "list-group-statuses",
  method: "GET",
  path: "/integrations/{integrationId}/groups",
  role: "read",
  summary: "List the provisioning statuses of groups",
  access: {
    state: { get: ["integrations", "groups"], batchGet: ["groups"], indexes: ["byListing", "byWork"] },
  },
  params: integrationParams,
  query: z.strictObject({ state: stateSchema.exactOptional(), ...pageQuery }),
  answers: { 200: { description: "One page of statuses.", schema: pageOf(groupStatusSchema) } },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listGroupStatuses(statePorts, params.integrationId, query),
  }),
});

export const handler = lambda(endpoint);
