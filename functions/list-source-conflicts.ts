import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { pageOf, pageQuery, sourceParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { conflictSchema } from "../shared/model/source.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { listConflicts } from "../shared/sources/list-conflicts.ts";

/** Lists what a source asked for and could not have. */
export const endpoint = defineEndpoint({
  name: "list-source-conflicts",
  method: "GET",
  path: "/sources/{sourceId}/conflicts",
  role: "read",
  summary: "List the conflicts of a source",
  access: {
    state: { get: ["sources", "users", "groups"], batchGet: ["names"], query: ["conflicts"] },
  },
  params: sourceParams,
  query: z.strictObject(pageQuery),
  answers: {
    200: { description: "One page of conflicts that are not over.", schema: pageOf(conflictSchema) },
  },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listConflicts(statePorts, params.sourceId, query),
  }),
});

export const handler = lambda(endpoint);
