import { callOf, provisioningFailures, receiptAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationUserParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { userReceiptSchema } from "../shared/model/receipt.ts";
import { endExclusion } from "../shared/provisioning/calls/provision-user.ts";
import { ports } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Gives one who was taken out back to the bound groups that hold them. */
export const endpoint = defineEndpoint({
  name: "end-exclusion",
  method: "DELETE",
  path: "/integrations/{integrationId}/users/{userId}/exclusion",
  role: "provision",
  summary: "Give a user back to the groups",
  access: { state: provisioningState, events: "put", secrets: ["read"] },
  params: integrationUserParams,
  answers: receiptAnswers(userReceiptSchema),
  failures: provisioningFailures,
  handle: async (request) => receiptAnswer(await endExclusion(ports, callOf(request), request.params)),
});

export const handler = lambda(endpoint);
