import * as z from "zod";
import { callOf, lockAnswer, provisioningFailures, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { dryRunQuery, userParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { lockInputSchema } from "../shared/model/inputs.ts";
import { leaverReceiptSchema } from "../shared/model/receipt.ts";
import { lockUser } from "../shared/provisioning/calls/lock-user.ts";
import { idempotency, ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Shuts a user out now, in every integration, until `unlock`. */
export const endpoint = defineEndpoint({
  name: "lock-user",
  method: "POST",
  path: "/users/{userId}/lock",
  role: "provision",
  summary: "Shut a user out everywhere",
  access: {
    state: provisioningState,
    rehearses: true,
    events: "put",
    secrets: ["read"],
    idempotencyKey: true,
  },
  params: userParams,
  query: z.strictObject(dryRunQuery),
  body: lockInputSchema,
  answers: receiptAnswers(leaverReceiptSchema, "Shut out everywhere: a receipt for each integration."),
  failures: provisioningFailures,
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: (own) => lockUser(own, callOf(request), request.params.userId, request.body.reason),
      answer: lockAnswer,
    }),
});

export const handler = lambda(endpoint, { idempotency });
