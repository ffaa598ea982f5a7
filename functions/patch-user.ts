import * as z from "zod";
import { mergePatch } from "../shared/directory/merge-patch.ts";
import { patchUser } from "../shared/directory/save-user.ts";
import { callOf } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { dryRunQuery, userParams } from "../shared/http/input/parameters.ts";
import { parseInput } from "../shared/http/input/read-input.ts";
import { lambda } from "../shared/http/lambda.ts";
import { type DirectoryUser, directoryUserSchema, userPatchSchema } from "../shared/model/directory.ts";
import { savedUserViewSchema } from "../shared/model/views.ts";
import { directoryPorts, rehearseCall } from "../shared/runtime/services.ts";
import { savedUserState } from "./state-access.ts";

/** Changes some fields of a saved user; assigns nothing. Of two at once neither loses the other's change. */
export const endpoint = defineEndpoint({
  name: "patch-user",
  method: "PATCH",
  path: "/users/{userId}",
  role: "provision",
  summary: "Change some fields of a directory user",
  access: { state: savedUserState, rehearses: true, events: "put" },
  params: userParams,
  query: z.strictObject(dryRunQuery),
  body: userPatchSchema,
  bodyType: "application/merge-patch+json",
  answers: { 200: { description: "The user as saved.", schema: savedUserViewSchema } },
  failures: ["not-found", "attempt-in-progress", "audit-unavailable"],
  handle: async (request) =>
    orDryRun(request, {
      ports: directoryPorts,
      rehearse: rehearseCall,
      act: (own) => {
        const { params, body } = request;
        const change = (now: DirectoryUser) => parseInput(directoryUserSchema, mergePatch(now, body), "body");
        return patchUser({ ports: own, call: callOf(request) }, params.userId, change);
      },
      answer: (body) => ({ status: 200, body }),
    }),
});

export const handler = lambda(endpoint);
