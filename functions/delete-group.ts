import * as z from "zod";
import { callOf, groupFailures, leaverAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { confirmQuery, groupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { endedGroupReceiptSchema } from "../shared/model/receipt.ts";
import { deleteGroup } from "../shared/provisioning/calls/delete-group.ts";
import { ports } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Ends a directory group: its members lose it, by `onGroupDeleted` of every integration that it is bound to. */
export const endpoint = defineEndpoint({
  name: "delete-group",
  method: "DELETE",
  path: "/groups/{groupId}",
  role: "provision",
  summary: "End a directory group",
  access: { state: provisioningState, events: "put", secrets: ["read"] },
  params: groupParams,
  query: z.strictObject(confirmQuery),
  answers: receiptAnswers(endedGroupReceiptSchema, "All is done: a receipt for each integration."),
  failures: groupFailures,
  handle: async (request) => {
    const { params, query } = request;
    return leaverAnswer(await deleteGroup(ports, callOf(request), params.groupId, query.confirm));
  },
});

export const handler = lambda(endpoint);
