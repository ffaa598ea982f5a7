import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationUserParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { userStatusSchema } from "../shared/model/receipt.ts";
import { getUserStatus } from "../shared/provisioning/status/user-status.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Reads how a user stands in an integration. */
export const endpoint = defineEndpoint({
  name: "get-user-status",
  method: "GET",
  path: "/integrations/{integrationId}/users/{userId}",
  role: "read",
  summary: "Read the provisioning status of a user",
  access: { state: { batchGet: ["integrations", "users"] } },
  params: integrationUserParams,
  answers: { 200: { description: "The status.", schema: userStatusSchema } },
  failures: ["not-found"],
  handle: async ({ params }) => ({
    status: 200,
    body: await getUserStatus(statePorts, params.integrationId, params.userId),
  }),
});

export const handler = lambda(endpoint);
