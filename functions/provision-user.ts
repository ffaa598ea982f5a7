import * as z from "zod";
import { callOf, provisioningFailures, receiptAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { confirmQuery, dryRunQuery, integrationUserParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { directoryUserSchema } from "../shared/model/directory.ts";
import { userReceiptSchema } from "../shared/model/receipt.ts";
import { provisionUser } from "../shared/provisioning/calls/provision-user.ts";
import { ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Assigns a user directly and provisions it now. Without a body the saved user is used. */
export const endpoint = defineEndpoint({
  name: "provision-user",
  method: "PUT",
  path: "/integrations/{integrationId}/users/{userId}",
  role: "provision",
  summary: "Assign and provision a user",
  access: { state: provisioningState, rehearses: true, events: "put", secrets: ["read"] },
  params: integrationUserParams,
  query: z.strictObject({ ...confirmQuery, ...dryRunQuery }),
  body: directoryUserSchema.optional(),
  answers: receiptAnswers(userReceiptSchema),
  failures: [...provisioningFailures, "deprovisions-held"],
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: (own) => {
        const at = { ...request.params, confirm: request.query.confirm };
        return provisionUser(own, callOf(request), at, request.body);
      },
      answer: receiptAnswer,
    }),
});

export const handler = lambda(endpoint);
