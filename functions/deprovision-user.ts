import * as z from "zod";
import { callOf, provisioningFailures, receiptAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { confirmQuery, integrationUserParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { userReceiptSchema } from "../shared/model/receipt.ts";
import { deprovisionUser } from "../shared/provisioning/calls/deprovision-user.ts";
import { ports } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Takes a user out of an integration, also while a bound group holds the user. */
export const endpoint = defineEndpoint({
  name: "deprovision-user",
  method: "DELETE",
  path: "/integrations/{integrationId}/users/{userId}",
  role: "provision",
  summary: "Take a user out of an integration",
  access: { state: provisioningState, events: "put", secrets: ["read"] },
  params: integrationUserParams,
  query: z.strictObject({
    action: z
      .enum(["deprovision", "delete"])
      .exactOptional()
      .meta({ description: "Instead of the policy onUserUnassigned." }),
    ...confirmQuery,
  }),
  answers: receiptAnswers(userReceiptSchema),
  failures: [...provisioningFailures, "deprovisions-held"],
  handle: async (request) => {
    const receipt = await deprovisionUser(ports, callOf(request), request.params, request.query);
    return receiptAnswer(receipt);
  },
});

export const handler = lambda(endpoint);
