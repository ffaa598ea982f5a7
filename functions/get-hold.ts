import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { holdParams, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { holdWithItemsSchema } from "../shared/model/hold.ts";
import { getHold } from "../shared/provisioning/holds/list-holds.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Reads a hold, with one page of the accounts and memberships in it. */
export const endpoint = defineEndpoint({
  name: "get-hold",
  method: "GET",
  path: "/integrations/{integrationId}/holds/{holdId}",
  role: "read",
  summary: "Read a hold",
  access: { state: { get: ["holds"], query: ["holds"] } },
  params: holdParams,
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "The hold.", schema: holdWithItemsSchema } },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({ status: 200, body: await getHold(statePorts, params, query) }),
});

export const handler = lambda(endpoint);
