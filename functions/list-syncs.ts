import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { syncSchema } from "../shared/model/sync.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { listSyncs } from "../shared/syncs/list-syncs.ts";
import { jobReads } from "./state-access.ts";

/** Lists the syncs of an integration, the latest first. */
export const endpoint = defineEndpoint({
  name: "list-syncs",
  method: "GET",
  path: "/integrations/{integrationId}/syncs",
  role: "read",
  summary: "List the syncs of an integration",
  access: { state: jobReads },
  params: integrationParams,
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page of syncs.", schema: pageOf(syncSchema) } },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listSyncs(statePorts, params.integrationId, query),
  }),
});

export const handler = lambda(endpoint);
