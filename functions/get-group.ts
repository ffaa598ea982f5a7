import { defineEndpoint } from "../shared/http/endpoint.ts";
import { groupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { savedGroupViewSchema } from "../shared/model/views.ts";
import { getGroup } from "../shared/provisioning/status/get-group.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Reads a directory group, with the integrations that it is bound to. */
export const endpoint = defineEndpoint({
  name: "get-group",
  method: "GET",
  path: "/groups/{groupId}",
  role: "read",
  summary: "Read a directory group",
  access: { state: { get: ["integrations", "groups", "sources"], query: ["groups"] } },
  params: groupParams,
  answers: { 200: { description: "The group and its integrations.", schema: savedGroupViewSchema } },
  failures: ["not-found"],
  handle: async ({ params }) => ({ status: 200, body: await getGroup(statePorts, params.groupId) }),
});

export const handler = lambda(endpoint);
