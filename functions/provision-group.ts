import * as z from "zod";
import { omit } from "../shared/common/objects.ts";
import { callOf, groupFailures, receiptAnswer, receiptAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { requireFewMembers } from "../shared/http/input/few-members.ts";
import { confirmQuery, dryRunQuery, integrationGroupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { groupInputSchema } from "../shared/model/inputs.ts";
import { groupReceiptSchema } from "../shared/model/receipt.ts";
import { provisionGroup } from "../shared/provisioning/calls/provision-group.ts";
import { ports, rehearseCall } from "../shared/runtime/services.ts";
import { provisioningState } from "./state-access.ts";

/**
 * Binds a group and provisions it now: members first, then the group, then only the difference. Without a body the saved
 * group is bound.
 */
export const endpoint = defineEndpoint({
  name: "provision-group",
  method: "PUT",
  path: "/integrations/{integrationId}/groups/{groupId}",
  role: "provision",
  summary: "Bind and provision a group",
  access: { state: provisioningState, rehearses: true, events: "put", secrets: ["read"] },
  params: integrationGroupParams,
  query: z.strictObject({
    ...dryRunQuery,
    existing: z.enum(["keep", "replace"]).exactOptional().meta({
      description:
        "Of a first bind of a group that is at the service provider already: whether people who are in it, and are no members here, become members, or are taken out (with their count as `confirm`).",
    }),
    ...confirmQuery,
  }),
  body: groupInputSchema.optional(),
  answers: receiptAnswers(groupReceiptSchema),
  failures: [...groupFailures, "groups-disabled", "unknown-members"],
  handle: async (request) =>
    orDryRun(request, {
      ports,
      rehearse: rehearseCall,
      act: async (own) => {
        const { body, params, query } = request;
        requireFewMembers(body?.members ?? []);
        return provisionGroup(own, callOf(request), params, { ...body, ...omit(query, "dryRun") });
      },
      answer: receiptAnswer,
    }),
});

export const handler = lambda(endpoint, { late: receiptAnswer });
