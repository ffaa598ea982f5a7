import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { sourceSchema } from "../shared/model/source.ts";
import { scimBaseUrl, statePorts } from "../shared/runtime/services.ts";
import { listSources } from "../shared/sources/get-source.ts";

/** Lists the sources that feed the directory. */
export const endpoint = defineEndpoint({
  name: "list-sources",
  method: "GET",
  path: "/sources",
  role: "read",
  summary: "List sources",
  access: { state: { query: ["sources"], batchGet: ["sourceStatus"] }, publicUrl: true },
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page of sources.", schema: pageOf(sourceSchema) } },
  failures: [],
  handle: async ({ query }) => ({ status: 200, body: await listSources(statePorts, scimBaseUrl(), query) }),
});

export const handler = lambda(endpoint);
