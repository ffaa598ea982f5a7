import { saveGroup } from "../shared/directory/save-group.ts";
import { callOf, savedGroupAnswer, savedGroupAnswers } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { requireFewMembers } from "../shared/http/input/few-members.ts";
import { groupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { groupInputSchema } from "../shared/model/inputs.ts";
import { directoryPorts } from "../shared/runtime/services.ts";
import { savedGroupState } from "./state-access.ts";

/** Saves a directory group; binds nothing. Every integration that it is bound to becomes pending for it. */
export const endpoint = defineEndpoint({
  name: "save-group",
  method: "PUT",
  path: "/groups/{groupId}",
  role: "provision",
  summary: "Save a directory group",
  access: { state: savedGroupState, events: "put" },
  params: groupParams,
  body: groupInputSchema,
  answers: savedGroupAnswers,
  failures: ["attempt-in-progress", "unknown-members"],
  handle: async (request) => {
    const { params, body } = request;
    requireFewMembers(body.members ?? []);
    const asking = { ports: directoryPorts, call: callOf(request) };
    return savedGroupAnswer(await saveGroup(asking, params.groupId, body));
  },
});

export const handler = lambda(endpoint);
