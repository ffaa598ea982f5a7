import { defineEndpoint } from "../shared/http/endpoint.ts";
import { sourceParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { sourceMappingSchema } from "../shared/model/source.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { existingSource } from "../shared/sources/change-source.ts";
import { sourceMapping } from "../shared/sources/source-mapping.ts";

/** Shows which property of the directory each SCIM attribute of a source becomes. */
export const endpoint = defineEndpoint({
  name: "get-source-mapping",
  method: "GET",
  path: "/sources/{sourceId}/mapping",
  role: "read",
  summary: "Read the attribute mapping of a source",
  access: { state: { get: ["sources"] } },
  params: sourceParams,
  answers: {
    200: { description: "The rows; what they do not name is dropped.", schema: sourceMappingSchema },
  },
  failures: ["not-found"],
  handle: async ({ params }) => {
    await existingSource(statePorts, params.sourceId);
    return { status: 200, body: { rows: sourceMapping } };
  },
});

export const handler = lambda(endpoint);
