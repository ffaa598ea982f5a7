import { defineEndpoint } from "../shared/http/endpoint.ts";
import { sourceParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { sourceDetailSchema } from "../shared/model/source.ts";
import { scimBaseUrl, statePorts } from "../shared/runtime/services.ts";
import { getSource } from "../shared/sources/get-source.ts";

/** Reads a source: what it owns, when it called last, and what it was refused last. */
export const endpoint = defineEndpoint({
  name: "get-source",
  method: "GET",
  path: "/sources/{sourceId}",
  role: "read",
  summary: "Read a source",
  access: { state: { get: ["sources"], batchGet: ["sourceStatus"], query: ["owned"] }, publicUrl: true },
  params: sourceParams,
  answers: { 200: { description: "The source.", schema: sourceDetailSchema } },
  failures: ["not-found"],
  handle: async ({ params }) => ({
    status: 200,
    body: await getSource(statePorts, scimBaseUrl(), params.sourceId),
  }),
});

export const handler = lambda(endpoint);
