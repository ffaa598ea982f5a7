import * as z from "zod";
import { changeSavedMembers } from "../shared/directory/save-group.ts";
import { callOf, savedGroupAnswer, savedGroupAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { requireFewMembers } from "../shared/http/input/few-members.ts";
import { dryRunQuery, groupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { changeMembersInputSchema } from "../shared/model/inputs.ts";
import { directoryPorts, idempotency, rehearseCall } from "../shared/runtime/services.ts";
import { savedGroupState } from "./state-access.ts";

/** Adds and removes members of a directory group; the cost does not grow with the group. */
export const endpoint = defineEndpoint({
  name: "change-saved-members",
  method: "POST",
  path: "/groups/{groupId}/members",
  role: "provision",
  summary: "Add and remove members of a directory group",
  access: { state: savedGroupState, rehearses: true, events: "put", idempotencyKey: true },
  params: groupParams,
  query: z.strictObject(dryRunQuery),
  body: changeMembersInputSchema,
  answers: savedGroupAnswers,
  failures: ["not-found", "attempt-in-progress", "unknown-members"],
  handle: async (request) =>
    orDryRun(request, {
      ports: directoryPorts,
      rehearse: rehearseCall,
      act: async (own) => {
        const { params, body } = request;
        requireFewMembers([...(body.add ?? []), ...(body.remove ?? [])]);
        return changeSavedMembers({ ports: own, call: callOf(request) }, params.groupId, body);
      },
      answer: savedGroupAnswer,
    }),
});

export const handler = lambda(endpoint, { idempotency });
