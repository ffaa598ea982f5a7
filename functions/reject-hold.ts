import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { holdParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { holdDecisionSchema, holdSchema } from "../shared/model/hold.ts";
import { decideHold } from "../shared/provisioning/holds/decide-hold.ts";
import { idempotency, ports } from "../shared/runtime/services.ts";

/** Rejects removals that are held: the access is kept until what is wanted of it changes. */
export const endpoint = defineEndpoint({
  name: "reject-hold",
  method: "POST",
  path: "/integrations/{integrationId}/holds/{holdId}/reject",
  role: "admin",
  summary: "Reject what is held",
  access: {
    state: { get: ["integrations", "holds"], query: ["holds"], update: ["holds"], batchWrite: ["holds"] },
    events: "put",
    idempotencyKey: true,
  },
  params: holdParams,
  body: holdDecisionSchema,
  answers: { 200: { description: "The hold as it stands then.", schema: holdSchema } },
  failures: [
    "not-found",
    "integration-not-active",
    "attempt-in-progress",
    "deprovisions-held",
    "audit-unavailable",
  ],
  handle: async (request) => {
    const context = { ports, call: callOf(request) };
    return { status: 200, body: await decideHold(context, request.params, "rejected", request.body) };
  },
});

export const handler = lambda(endpoint, { idempotency });
