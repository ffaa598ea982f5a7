import { callOf, lockAnswer, provisioningFailures, receiptAnswers } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { userParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { unlockInputSchema } from "../shared/model/inputs.ts";
import { leaverReceiptSchema } from "../shared/model/receipt.ts";
import { unlockUser } from "../shared/provisioning/calls/lock-user.ts";
import { idempotency, ports } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Takes a lock away: the user is active again where the directory says so. */
export const endpoint = defineEndpoint({
  name: "unlock-user",
  method: "POST",
  path: "/users/{userId}/unlock",
  role: "provision",
  summary: "Take a user's lock away",
  access: { state: provisioningState, events: "put", secrets: ["read"], idempotencyKey: true },
  params: userParams,
  body: unlockInputSchema.optional(),
  answers: receiptAnswers(leaverReceiptSchema, "All is done: a receipt for each integration."),
  failures: provisioningFailures,
  handle: async (request) => {
    const { params, body } = request;
    return lockAnswer(await unlockUser(ports, callOf(request), params.userId, body?.reason));
  },
});

export const handler = lambda(endpoint, { idempotency });
