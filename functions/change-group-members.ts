import * as z from "zod";
import { callOf, groupFailures, receiptAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { requireFewMembers } from "../shared/http/input/few-members.ts";
import { confirmQuery, dryRunQuery, integrationGroupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { changeMembersInputSchema } from "../shared/model/inputs.ts";
import { groupReceiptSchema } from "../shared/model/receipt.ts";
import { changeGroupMembers } from "../shared/provisioning/calls/change-group-members.ts";
import { idempotency, ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Adds and removes members and provisions the difference; the cost does not grow with the group. */
export const endpoint = defineEndpoint({
  name: "change-group-members",
  method: "POST",
  path: "/integrations/{integrationId}/groups/{groupId}/members",
  role: "provision",
  summary: "Add and remove members of a group",
  access: {
    state: provisioningState,
    rehearses: true,
    events: "put",
    secrets: ["read"],
    idempotencyKey: true,
  },
  params: integrationGroupParams,
  query: z.strictObject({ ...confirmQuery, ...dryRunQuery }),
  body: changeMembersInputSchema,
  answers: receiptAnswers(groupReceiptSchema),
  failures: [...groupFailures, "groups-disabled", "unknown-members"],
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: async (own) => {
        requireFewMembers([...(request.body.add ?? []), ...(request.body.remove ?? [])]);
        const input = { ...request.body, confirm: request.query.confirm };
        return changeGroupMembers(own, callOf(request), request.params, input);
      },
      answer: receiptAnswer,
    }),
});

export const handler = lambda(endpoint, { idempotency, late: receiptAnswer });
