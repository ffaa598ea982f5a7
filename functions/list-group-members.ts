import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationGroupParams, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { memberStatusSchema } from "../shared/model/receipt.ts";
import { listGroupMembers } from "../shared/provisioning/status/group-status.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Lists the members of a group with what is known of each at the service provider. */
export const endpoint = defineEndpoint({
  name: "list-group-members",
  method: "GET",
  path: "/integrations/{integrationId}/groups/{groupId}/members",
  role: "read",
  summary: "List the members of a group",
  access: {
    state: { get: ["integrations", "groups"], batchGet: ["users", "pushed"], query: ["groups"] },
  },
  params: integrationGroupParams,
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page of members.", schema: pageOf(memberStatusSchema) } },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listGroupMembers(statePorts, params.integrationId, params.groupId, query),
  }),
});

export const handler = lambda(endpoint);
