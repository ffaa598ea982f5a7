import { defineEndpoint } from "../shared/http/endpoint.ts";
import { userParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { userApplicationsSchema } from "../shared/model/views.ts";
import { listUserApplications } from "../shared/provisioning/status/get-user.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Lists the applications of a user, with their bookmarks. */
export const endpoint = defineEndpoint({
  name: "list-user-applications",
  method: "GET",
  path: "/users/{userId}/applications",
  role: "read",
  summary: "List the applications of a user",
  access: { state: { get: ["integrations", "users"], query: ["users"] } },
  params: userParams,
  answers: { 200: { description: "The applications.", schema: userApplicationsSchema } },
  failures: ["not-found"],
  handle: async ({ params }) => ({
    status: 200,
    body: await listUserApplications(statePorts, params.userId),
  }),
});

export const handler = lambda(endpoint);
