import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { groupParams, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { directoryMemberSchema } from "../shared/model/views.ts";
import { listSavedMembers } from "../shared/provisioning/status/get-group.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Lists the members of a directory group. */
export const endpoint = defineEndpoint({
  name: "list-saved-members",
  method: "GET",
  path: "/groups/{groupId}/members",
  role: "read",
  summary: "List the members of a directory group",
  access: { state: { get: ["groups"], query: ["groups"] } },
  params: groupParams,
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page of members.", schema: pageOf(directoryMemberSchema) } },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listSavedMembers(statePorts, params.groupId, query),
  }),
});

export const handler = lambda(endpoint);
