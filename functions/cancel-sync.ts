import { defineEndpoint } from "../shared/http/endpoint.ts";
import { syncParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { syncSchema } from "../shared/model/sync.ts";
import { idempotency, statePorts } from "../shared/runtime/services.ts";
import { cancelSync } from "../shared/syncs/cancel-sync.ts";
import { jobEnd } from "./state-access.ts";

/** Lets a sync end before its next step. */
export const endpoint = defineEndpoint({
  name: "cancel-sync",
  method: "POST",
  path: "/integrations/{integrationId}/syncs/{syncId}/cancel",
  role: "provision",
  summary: "Cancel a sync",
  access: { state: jobEnd, idempotencyKey: true },
  params: syncParams,
  answers: { 200: { description: "As it is now; it ends before its next step.", schema: syncSchema } },
  failures: ["not-found"],
  handle: async ({ params: { integrationId, syncId } }) => ({
    status: 200,
    body: await cancelSync(statePorts, { integrationId, jobId: syncId }),
  }),
});

export const handler = lambda(endpoint, { idempotency });
