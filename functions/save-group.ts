import * as z from "zod";
import { saveGroup } from "../shared/directory/save-group.ts";
import { callOf, savedGroupAnswer, savedGroupAnswers } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { requireFewMembers } from "../shared/http/input/few-members.ts";
import { dryRunQuery, groupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { groupInputSchema } from "../shared/model/inputs.ts";
import { directoryPorts, rehearseCall } from "../shared/runtime/services.ts";
import { savedGroupState } from "./state-access.ts";

/** Saves a directory group; binds nothing. Every integration that it is bound to becomes pending for it. */
export const endpoint = defineEndpoint({
  name: "save-group",
  method: "PUT",
  path: "/groups/{groupId}",
  role: "provision",
  summary: "Save a directory group",
  access: { state: savedGroupState, rehearses: true, events: "put" },
  params: groupParams,
  query: z.strictObject(dryRunQuery),
  body: groupInputSchema,
  answers: savedGroupAnswers,
  failures: ["attempt-in-progress", "unknown-members"],
  handle: async (request) =>
    orDryRun(request, {
      ports: directoryPorts,
      rehearse: rehearseCall,
      act: async (own) => {
        const { params, body } = request;
        requireFewMembers(body.members ?? []);
        return saveGroup({ ports: own, call: callOf(request) }, params.groupId, body);
      },
      answer: savedGroupAnswer,
    }),
});

export const handler = lambda(endpoint);
