import { defineEndpoint } from "../shared/http/endpoint.ts";
import { syncParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { syncSchema } from "../shared/model/sync.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { getSync } from "../shared/syncs/list-syncs.ts";
import { jobReads } from "./state-access.ts";

/** Reads a sync: how far it is, and what it has come to. */
export const endpoint = defineEndpoint({
  name: "get-sync",
  method: "GET",
  path: "/integrations/{integrationId}/syncs/{syncId}",
  role: "read",
  summary: "Read a sync",
  access: { state: jobReads },
  params: syncParams,
  answers: { 200: { description: "The sync.", schema: syncSchema } },
  failures: ["not-found"],
  handle: async ({ params: { integrationId, syncId } }) => ({
    status: 200,
    body: await getSync(statePorts, { integrationId, jobId: syncId }),
  }),
});

export const handler = lambda(endpoint);
