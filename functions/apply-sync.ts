import { callOf } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { syncParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { applyInputSchema, syncSchema } from "../shared/model/sync.ts";
import { idempotency, rehearseCall, statePorts } from "../shared/runtime/services.ts";
import { applyPlan } from "../shared/syncs/apply-plan.ts";
import { planState } from "./state-access.ts";

/** Carries a plan out: what would need other requests by now is left out as stale. It goes on by itself. */
export const endpoint = defineEndpoint({
  name: "apply-sync",
  method: "POST",
  path: "/integrations/{integrationId}/syncs/{syncId}/apply",
  role: "provision",
  summary: "Apply a plan",
  access: { state: planState, rehearses: true, idempotencyKey: true },
  params: syncParams,
  body: applyInputSchema.prefault({}),
  answers: { 202: { description: "Begun.", schema: syncSchema, headers: ["Location"] } },
  failures: [
    "not-found",
    "integration-not-active",
    "integration-needs-reauth",
    "plan-stale",
    "job-in-progress",
    "deprovisions-held",
  ],
  handle: async (request) => {
    const { integrationId, syncId } = request.params;
    const at = { integrationId, jobId: syncId, confirm: request.body.confirm };
    const sync = await applyPlan(statePorts, rehearseCall, callOf(request), at);
    const location = `/integrations/${integrationId}/syncs/${syncId}`;
    return { status: 202, body: sync, headers: { location } };
  },
});

export const handler = lambda(endpoint, { idempotency });
