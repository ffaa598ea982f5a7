import { changeSavedMembers } from "../shared/directory/save-group.ts";
import { callOf, savedGroupAnswer, savedGroupAnswers } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { requireFewMembers } from "../shared/http/input/few-members.ts";
import { groupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { changeMembersInputSchema } from "../shared/model/inputs.ts";
import { directoryPorts, idempotency } from "../shared/runtime/services.ts";
import { savedGroupState } from "./state-access.ts";

/** Adds and removes members of a directory group; the cost does not grow with the group. */
export const endpoint = defineEndpoint({
  name: "change-saved-members",
  method: "POST",
  path: "/groups/{groupId}/members",
  role: "provision",
  summary: "Add and remove members of a directory group",
  access: { state: savedGroupState, events: "put", idempotencyKey: true },
  params: groupParams,
  body: changeMembersInputSchema,
  answers: savedGroupAnswers,
  failures: ["not-found", "attempt-in-progress", "unknown-members"],
  handle: async (request) => {
    const { params, body } = request;
    requireFewMembers([...(body.add ?? []), ...(body.remove ?? [])]);
    const asking = { ports: directoryPorts, call: callOf(request) };
    return savedGroupAnswer(await changeSavedMembers(asking, params.groupId, body));
  },
});

export const handler = lambda(endpoint, { idempotency });
