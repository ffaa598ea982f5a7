import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { beginningQuery, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { savedUserViewSchema } from "../shared/model/views.ts";
import { listUsers } from "../shared/provisioning/status/get-user.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Lists directory users. */
export const endpoint = defineEndpoint({
  name: "list-users",
  method: "GET",
  path: "/users",
  role: "read",
  summary: "List directory users",
  access: { state: { get: ["sources"], batchGet: ["users"], indexes: ["byListing", "byEmail"] } },
  query: z.strictObject({
    email: z.string().min(1).max(254).exactOptional(),
    q: beginningQuery.meta({
      description: "The beginning of a name, the username or an address, in any case.",
    }),
    ...pageQuery,
  }),
  answers: { 200: { description: "One page of users.", schema: pageOf(savedUserViewSchema) } },
  failures: [],
  handle: async ({ query }) => ({ status: 200, body: await listUsers(statePorts, query) }),
});

export const handler = lambda(endpoint);
