import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { sourceParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { directoryPorts } from "../shared/runtime/services.ts";
import { deleteSource } from "../shared/sources/delete-source.ts";

/** Takes a source away: its tokens open nothing any more, and its users and groups stay, without an owner. */
export const endpoint = defineEndpoint({
  name: "delete-source",
  method: "DELETE",
  path: "/sources/{sourceId}",
  role: "admin",
  summary: "Delete a source",
  access: {
    state: {
      get: ["sources"],
      put: ["sources"],
      update: ["sources"],
      delete: ["sources", "sourceStatus", "tokens"],
    },
    events: "put",
  },
  params: sourceParams,
  answers: { 204: { description: "The source is gone; its users and groups stay, without an owner." } },
  failures: ["not-found", "attempt-in-progress", "audit-unavailable"],
  handle: async (request) => {
    await deleteSource({ ports: directoryPorts, call: callOf(request) }, request.params.sourceId);
    return { status: 204 };
  },
});

export const handler = lambda(endpoint);
