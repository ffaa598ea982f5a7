import * as z from "zod";
import { callOf, provisioningFailures, receiptAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { confirmQuery, integrationUserParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { directoryUserSchema } from "../shared/model/directory.ts";
import { userReceiptSchema } from "../shared/model/receipt.ts";
import { provisionUser } from "../shared/provisioning/calls/provision-user.ts";
import { ports } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Assigns a user directly and provisions it now. Without a body the saved user is used. */
export const endpoint = defineEndpoint({
  name: "provision-user",
  method: "PUT",
  path: "/integrations/{integrationId}/users/{userId}",
  role: "provision",
  summary: "Assign and provision a user",
  access: { state: provisioningState, events: "put", secrets: ["read"] },
  params: integrationUserParams,
  query: z.strictObject(confirmQuery),
  body: directoryUserSchema.optional(),
  answers: receiptAnswers(userReceiptSchema),
  failures: [...provisioningFailures, "deprovisions-held"],
  handle: async (request) => {
    const at = { ...request.params, confirm: request.query.confirm };
    const receipt = await provisionUser(ports, callOf(request), at, request.body);
    return receiptAnswer(receipt);
  },
});

export const handler = lambda(endpoint);
