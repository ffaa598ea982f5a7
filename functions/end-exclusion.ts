import * as z from "zod";
import { callOf, provisioningFailures, receiptAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { dryRunQuery, integrationUserParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { userReceiptSchema } from "../shared/model/receipt.ts";
import { endExclusion } from "../shared/provisioning/calls/provision-user.ts";
import { ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Gives one who was taken out back to the bound groups that hold them. */
export const endpoint = defineEndpoint({
  name: "end-exclusion",
  method: "DELETE",
  path: "/integrations/{integrationId}/users/{userId}/exclusion",
  role: "provision",
  summary: "Give a user back to the groups",
  access: { state: provisioningState, rehearses: true, events: "put", secrets: ["read"] },
  params: integrationUserParams,
  query: z.strictObject(dryRunQuery),
  answers: receiptAnswers(userReceiptSchema),
  failures: provisioningFailures,
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: (own) => endExclusion(own, callOf(request), request.params),
      answer: receiptAnswer,
    }),
});

export const handler = lambda(endpoint);
