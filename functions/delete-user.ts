import * as z from "zod";
import { callOf, leaverAnswer, provisioningFailures, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { dryRunQuery, userParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { leaverReceiptSchema } from "../shared/model/receipt.ts";
import { deleteUser } from "../shared/provisioning/calls/delete-user.ts";
import { ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** The leaver call: applies `onUserDeleted` in every integration that holds the user. */
export const endpoint = defineEndpoint({
  name: "delete-user",
  method: "DELETE",
  path: "/users/{userId}",
  role: "provision",
  summary: "Remove a leaver everywhere",
  access: { state: provisioningState, rehearses: true, events: "put", secrets: ["read"] },
  params: userParams,
  query: z.strictObject(dryRunQuery),
  answers: receiptAnswers(leaverReceiptSchema, "All is done: a receipt for each integration."),
  failures: provisioningFailures,
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: (own) => deleteUser(own, callOf(request), request.params.userId),
      answer: leaverAnswer,
    }),
});

export const handler = lambda(endpoint);
