import * as z from "zod";
import { callOf, lockAnswer, provisioningFailures, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { dryRunQuery, userParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { unlockInputSchema } from "../shared/model/inputs.ts";
import { leaverReceiptSchema } from "../shared/model/receipt.ts";
import { unlockUser } from "../shared/provisioning/calls/lock-user.ts";
import { idempotency, ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Takes a lock away: the user is active again where the directory says so. */
export const endpoint = defineEndpoint({
  name: "unlock-user",
  method: "POST",
  path: "/users/{userId}/unlock",
  role: "provision",
  summary: "Take a user's lock away",
  access: {
    state: provisioningState,
    rehearses: true,
    events: "put",
    secrets: ["read"],
    idempotencyKey: true,
  },
  params: userParams,
  query: z.strictObject(dryRunQuery),
  body: unlockInputSchema.optional(),
  answers: receiptAnswers(leaverReceiptSchema, "All is done: a receipt for each integration."),
  failures: provisioningFailures,
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: (own) => unlockUser(own, callOf(request), request.params.userId, request.body?.reason),
      answer: lockAnswer,
    }),
});

export const handler = lambda(endpoint, { idempotency });
