import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationGroupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { groupStatusSchema } from "../shared/model/receipt.ts";
import { getGroupStatus } from "../shared/provisioning/status/group-status.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Reads how a group stands in an integration. */
export const endpoint = defineEndpoint({
  name: "get-group-status",
  method: "GET",
  path: "/integrations/{integrationId}/groups/{groupId}",
  role: "read",
  summary: "Read the provisioning status of a group",
  access: { state: { batchGet: ["integrations", "groups"] } },
  params: integrationGroupParams,
  answers: { 200: { description: "The status.", schema: groupStatusSchema } },
  failures: ["not-found"],
  handle: async ({ params }) => ({
    status: 200,
    body: await getGroupStatus(statePorts, params.integrationId, params.groupId),
  }),
});

export const handler = lambda(endpoint);
