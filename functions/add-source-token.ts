import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { sourceParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { madeTokenSchema, tokenInputSchema } from "../shared/model/source.ts";
import { directoryPorts, idempotency } from "../shared/runtime/services.ts";
import { toTokenView } from "../shared/sources/get-source.ts";
import { addToken } from "../shared/sources/source-tokens.ts";

/** Gives a source a second token, so that its identity provider can go from one to the other. */
export const endpoint = defineEndpoint({
  name: "add-source-token",
  method: "POST",
  path: "/sources/{sourceId}/tokens",
  role: "admin",
  summary: "Give a source another token",
  access: {
    state: {
      get: ["sources", "tokens"],
      put: ["sources", "tokens"],
      update: ["sources"],
      delete: ["tokens"],
    },
    events: "put",
    idempotencyKey: true,
  },
  params: sourceParams,
  body: tokenInputSchema.optional(),
  answers: { 201: { description: "The token, shown this once.", schema: madeTokenSchema } },
  failures: ["not-found", "token-in-use", "token-limit-reached", "attempt-in-progress", "audit-unavailable"],
  shownOnce: ["token"],
  handle: async (request) => {
    const asking = { ports: directoryPorts, call: callOf(request) };
    const { kept, token } = await addToken(asking, request.params.sourceId, request.body ?? {});
    return { status: 201, body: { ...toTokenView(kept), token } };
  },
});

export const handler = lambda(endpoint, { idempotency });
