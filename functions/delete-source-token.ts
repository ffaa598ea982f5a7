import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { sourceTokenParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { directoryPorts } from "../shared/runtime/services.ts";
import { removeToken } from "../shared/sources/source-tokens.ts";

/** Ends a token of a source at once. */
export const endpoint = defineEndpoint({
  name: "delete-source-token",
  method: "DELETE",
  path: "/sources/{sourceId}/tokens/{tokenId}",
  role: "admin",
  summary: "Delete a token of a source",
  access: {
    state: { get: ["sources"], put: ["sources"], update: ["sources"], delete: ["tokens"] },
    events: "put",
  },
  params: sourceTokenParams,
  answers: { 204: { description: "The token opens nothing any more." } },
  failures: ["not-found", "attempt-in-progress", "audit-unavailable"],
  handle: async (request) => {
    const { sourceId, tokenId } = request.params;
    await removeToken({ ports: directoryPorts, call: callOf(request) }, sourceId, tokenId);
    return { status: 204 };
  },
});

export const handler = lambda(endpoint);
