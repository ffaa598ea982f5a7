import * as z from "zod";
import { callOf, groupFailures, leaverAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { confirmQuery, dryRunQuery, groupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { endedGroupReceiptSchema } from "../shared/model/receipt.ts";
import { deleteGroup } from "../shared/provisioning/calls/delete-group.ts";
import { ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Ends a directory group: its members lose it, by `onGroupDeleted` of every integration that it is bound to. */
export const endpoint = defineEndpoint({
  name: "delete-group",
  method: "DELETE",
  path: "/groups/{groupId}",
  role: "provision",
  summary: "End a directory group",
  access: { state: provisioningState, rehearses: true, events: "put", secrets: ["read"] },
  params: groupParams,
  query: z.strictObject({ ...confirmQuery, ...dryRunQuery }),
  answers: receiptAnswers(endedGroupReceiptSchema, "All is done: a receipt for each integration."),
  failures: groupFailures,
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: (own) => deleteGroup(own, callOf(request), request.params.groupId, request.query.confirm),
      answer: leaverAnswer,
    }),
});

export const handler = lambda(endpoint);
