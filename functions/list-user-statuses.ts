import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { desiredSchema, stateSchema, userStatusSchema } from "../shared/model/receipt.ts";
import { listUserStatuses } from "../shared/provisioning/status/user-status.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Lists how the users of an integration stand. */
export const endpoint = defineEndpoint({
  name: "list-user-statuses",
  method: "GET",
  path: "/integrations/{integrationId}/users",
  role: "read",
  summary: "List the provisioning statuses of users",
  access: {
    state: { get: ["integrations"], batchGet: ["users"], indexes: ["byListing", "byWork"] },
  },
  params: integrationParams,
  query: z.strictObject({
    state: stateSchema.exactOptional(),
    desired: desiredSchema.exactOptional(),
    excluded: z
      .stringbool({ truthy: ["true"], falsy: ["false"], case: "sensitive" })
      .exactOptional()
      .meta({ description: "Those whom a call has taken out, or the others." }),
    ...pageQuery,
  }),
  answers: { 200: { description: "One page of statuses.", schema: pageOf(userStatusSchema) } },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listUserStatuses(statePorts, params.integrationId, query),
  }),
});

export const handler = lambda(endpoint);
