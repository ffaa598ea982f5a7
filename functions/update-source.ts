import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { sourceParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { sourcePatchSchema, sourceSchema } from "../shared/model/source.ts";
import { directoryPorts, scimBaseUrl } from "../shared/runtime/services.ts";
import { updateSource } from "../shared/sources/change-source.ts";
import { toSourceView } from "../shared/sources/get-source.ts";

/** Changes what a source is called, and what its requests do. */
export const endpoint = defineEndpoint({
  name: "update-source",
  method: "PATCH",
  path: "/sources/{sourceId}",
  role: "admin",
  summary: "Change a source",
  access: {
    state: { get: ["sources"], put: ["sources"], update: ["sources"], batchGet: ["sourceStatus"] },
    events: "put",
    publicUrl: true,
  },
  params: sourceParams,
  body: sourcePatchSchema,
  answers: { 200: { description: "The source.", schema: sourceSchema } },
  failures: ["not-found", "attempt-in-progress", "audit-unavailable"],
  handle: async (request) => {
    const { sourceId } = request.params;
    const asking = { ports: directoryPorts, call: callOf(request) };
    const source = await updateSource(asking, sourceId, request.body);
    const status = await directoryPorts.sources.statusOf([sourceId]);
    return { status: 200, body: toSourceView(source, scimBaseUrl(), status.get(sourceId)) };
  },
});

export const handler = lambda(endpoint);
