import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { pageOf, pageQuery, syncParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import {
  findingSchema,
  syncActionSchema,
  syncItemSchema,
  syncItemStateSchema,
} from "../shared/model/sync.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { listSyncItems } from "../shared/syncs/list-syncs.ts";
import { jobReads } from "./state-access.ts";

/** Lists what a sync is about: what would be done, was done, or was found. */
export const endpoint = defineEndpoint({
  name: "list-sync-items",
  method: "GET",
  path: "/integrations/{integrationId}/syncs/{syncId}/items",
  role: "read",
  summary: "List what a sync is about",
  access: { state: jobReads },
  params: syncParams,
  query: z.strictObject({
    action: syncActionSchema.exactOptional(),
    state: syncItemStateSchema.exactOptional(),
    finding: findingSchema.exactOptional(),
    ...pageQuery,
  }),
  answers: { 200: { description: "One page of items.", schema: pageOf(syncItemSchema) } },
  failures: ["not-found"],
  handle: async ({ params: { integrationId, syncId }, query }) => ({
    status: 200,
    body: await listSyncItems(statePorts, { integrationId, jobId: syncId }, query),
  }),
});

export const handler = lambda(endpoint);
