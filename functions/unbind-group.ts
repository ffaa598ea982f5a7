import * as z from "zod";
import { omit } from "../shared/common/objects.ts";
import { callOf, groupFailures, receiptAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { confirmQuery, dryRunQuery, integrationGroupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { groupReceiptSchema } from "../shared/model/receipt.ts";
import { unbindGroup } from "../shared/provisioning/calls/unbind-group.ts";
import { ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/** Unbinds a group. It stays at the service provider unless its deletion is asked for. */
export const endpoint = defineEndpoint({
  name: "unbind-group",
  method: "DELETE",
  path: "/integrations/{integrationId}/groups/{groupId}",
  role: "provision",
  summary: "Unbind a group",
  access: { state: provisioningState, rehearses: true, events: "put", secrets: ["read"] },
  params: integrationGroupParams,
  query: z.strictObject({
    ...dryRunQuery,
    action: z
      .literal("delete")
      .exactOptional()
      .meta({ description: "Delete the group at the service provider too." }),
    ...confirmQuery,
  }),
  answers: receiptAnswers(groupReceiptSchema),
  failures: [...groupFailures, "groups-disabled"],
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: (own) => unbindGroup(own, callOf(request), request.params, omit(request.query, "dryRun")),
      answer: receiptAnswer,
    }),
});

export const handler = lambda(endpoint);
