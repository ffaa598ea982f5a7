import * as z from "zod";
import { callOf, provisioningFailures, receiptAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { confirmQuery, dryRunQuery, integrationUserParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { userReceiptSchema } from "../shared/model/receipt.ts";
import { deprovisionUser } from "../shared/provisioning/calls/deprovision-user.ts";
import { ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Takes a user out of an integration, also while a bound group holds the user. */
export const endpoint = defineEndpoint({
  name: "deprovision-user",
  method: "DELETE",
  path: "/integrations/{integrationId}/users/{userId}",
  role: "provision",
  summary: "Take a user out of an integration",
  access: { state: provisioningState, rehearses: true, events: "put", secrets: ["read"] },
  params: integrationUserParams,
  query: z.strictObject({
    ...dryRunQuery,
    action: z
      .enum(["deprovision", "delete"])
      .exactOptional()
      .meta({ description: "Instead of the policy onUserUnassigned." }),
    ...confirmQuery,
  }),
  answers: receiptAnswers(userReceiptSchema),
  failures: [...provisioningFailures, "deprovisions-held"],
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: (own) => deprovisionUser(own, callOf(request), request.params, request.query),
      answer: receiptAnswer,
    }),
});

export const handler = lambda(endpoint);
