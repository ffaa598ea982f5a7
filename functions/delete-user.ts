import { callOf, leaverAnswer, provisioningFailures, receiptAnswers } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { userParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { leaverReceiptSchema } from "../shared/model/receipt.ts";
import { deleteUser } from "../shared/provisioning/calls/delete-user.ts";
import { ports } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** The leaver call: applies `onUserDeleted` in every integration that holds the user. */
export const endpoint = defineEndpoint({
  name: "delete-user",
  method: "DELETE",
  path: "/users/{userId}",
  role: "provision",
  summary: "Remove a leaver everywhere",
  access: { state: provisioningState, events: "put", secrets: ["read"] },
  params: userParams,
  answers: receiptAnswers(leaverReceiptSchema, "All is done: a receipt for each integration."),
  failures: provisioningFailures,
  handle: async (request) => {
    const leaver = await deleteUser(ports, callOf(request), request.params.userId);
    return leaverAnswer(leaver);
  },
});

export const handler = lambda(endpoint);
