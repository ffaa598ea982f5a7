import { defineEndpoint } from "../shared/http/endpoint.ts";
import { userParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { savedUserViewSchema } from "../shared/model/views.ts";
import { getUser } from "../shared/provisioning/status/get-user.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Reads a directory user, with the integrations that hold the user. */
export const endpoint = defineEndpoint({
  name: "get-user",
  method: "GET",
  path: "/users/{userId}",
  role: "read",
  summary: "Read a directory user",
  access: { state: { get: ["integrations", "users", "sources"], query: ["users"] } },
  params: userParams,
  answers: { 200: { description: "The user and its integrations.", schema: savedUserViewSchema } },
  failures: ["not-found"],
  handle: async ({ params }) => ({ status: 200, body: await getUser(statePorts, params.userId) }),
});

export const handler = lambda(endpoint);
