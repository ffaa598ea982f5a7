import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { holdParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { holdDecisionSchema, holdSchema } from "../shared/model/hold.ts";
import { decideHold } from "../shared/provisioning/holds/decide-hold.ts";
import { idempotency, workerPorts } from "../shared/runtime/services.ts";

/** Approves removals that are held: they are due at once. */
export const endpoint = defineEndpoint({
  name: "approve-hold",
  method: "POST",
  path: "/integrations/{integrationId}/holds/{holdId}/approve",
  role: "admin",
  summary: "Approve what is held",
  access: {
    state: {
      get: ["integrations", "users", "groups", "holds"],
      query: ["holds"],
      update: ["users", "groups", "holds"],
      batchWrite: ["holds"],
    },
    events: "put",
    idempotencyKey: true,
    wakeUps: ["send"],
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
    const context = { ports: workerPorts, call: callOf(request) };
    return { status: 200, body: await decideHold(context, request.params, "approved", request.body) };
  },
});

export const handler = lambda(endpoint, { idempotency });
