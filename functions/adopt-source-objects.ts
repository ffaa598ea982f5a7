import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { sourceParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { adoptedSchema, adoptInputSchema } from "../shared/model/source.ts";
import { directoryPorts, idempotency } from "../shared/runtime/services.ts";
import { adoptObjects } from "../shared/sources/adopt-objects.ts";

/** Gives a source users and groups that no source owns. */
export const endpoint = defineEndpoint({
  name: "adopt-source-objects",
  method: "POST",
  path: "/sources/{sourceId}/adopt",
  role: "admin",
  summary: "Give a source users and groups without an owner",
  access: {
    state: {
      get: ["sources", "users", "groups", "names"],
      batchGet: ["users", "groups", "names"],
      query: ["groups", "owned"],
      put: ["users", "groups", "names", "owned"],
      update: ["groups", "conflicts"],
      delete: ["groups", "names", "owned"],
      // Groups that have waited for a user take them in.
      batchWrite: ["users", "groups"],
      indexes: ["byListing"],
    },
    events: "put",
    idempotencyKey: true,
  },
  params: sourceParams,
  body: adoptInputSchema,
  answers: {
    200: { description: "All of them were looked at.", schema: adoptedSchema },
    202: {
      description: "There was no time for all, or others were changing some; the same call again continues.",
      schema: adoptedSchema,
      headers: ["Retry-After"],
    },
  },
  failures: ["not-found", "attempt-in-progress", "audit-unavailable"],
  handle: async (request) => {
    const asking = { ports: directoryPorts, call: callOf(request) };
    const body = await adoptObjects(asking, request.params.sourceId, request.body);
    return body.state === "done"
      ? { status: 200, body }
      : { status: 202, body, headers: { "retry-after": "1" } };
  },
});

export const handler = lambda(endpoint, { idempotency });
