import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { beginningQuery, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { savedGroupViewSchema } from "../shared/model/views.ts";
import { listGroups } from "../shared/provisioning/status/get-group.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Lists directory groups. */
export const endpoint = defineEndpoint({
  name: "list-groups",
  method: "GET",
  path: "/groups",
  role: "read",
  summary: "List directory groups",
  access: { state: { get: ["sources"], batchGet: ["groups"], indexes: ["byListing"] } },
  query: z.strictObject({
    name: z.string().min(1).max(256).exactOptional().meta({ description: "The whole name, in any case." }),
    q: beginningQuery.meta({ description: "The beginning of the name, in any case." }),
    ...pageQuery,
  }),
  answers: { 200: { description: "One page of groups.", schema: pageOf(savedGroupViewSchema) } },
  failures: [],
  handle: async ({ query }) => ({ status: 200, body: await listGroups(statePorts, query) }),
});

export const handler = lambda(endpoint);
