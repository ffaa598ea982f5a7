import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { lambda } from "../shared/http/lambda.ts";
import { madeSourceSchema, sourceInputSchema } from "../shared/model/source.ts";
import { directoryPorts, idempotency, scimBaseUrl } from "../shared/runtime/services.ts";
import { createSource } from "../shared/sources/create-source.ts";
import { toSourceView } from "../shared/sources/get-source.ts";

/** Sets up an identity provider that is to feed the directory, with its first token. */
export const endpoint = defineEndpoint({
  name: "create-source",
  method: "POST",
  path: "/sources",
  role: "admin",
  summary: "Set up a source",
  access: {
    state: { get: ["sources", "tokens"], put: ["sources", "tokens"], update: ["sources"] },
    events: "put",
    idempotencyKey: true,
    publicUrl: true,
  },
  body: sourceInputSchema,
  answers: {
    201: {
      description: "The source, and its token this once.",
      schema: madeSourceSchema,
      headers: ["Location"],
    },
  },
  failures: ["token-in-use", "attempt-in-progress", "audit-unavailable"],
  shownOnce: ["token"],
  handle: async (request) => {
    const asking = { ports: directoryPorts, call: callOf(request) };
    const { source, token } = await createSource(asking, request.body);
    return {
      status: 201,
      body: { ...toSourceView(source, scimBaseUrl()), token },
      headers: { location: `/sources/${source.sourceId}` },
    };
  },
});

export const handler = lambda(endpoint, { idempotency });
