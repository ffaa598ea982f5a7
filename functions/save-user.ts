import * as z from "zod";
import { saveUser } from "../shared/directory/save-user.ts";
import { callOf } from "../shared/http/answers.ts";
import { orDryRun } from "../shared/http/dry-run.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { dryRunQuery, userParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { directoryUserSchema } from "../shared/model/directory.ts";
import { savedUserViewSchema } from "../shared/model/views.ts";
import { directoryPorts, rehearseCall } from "../shared/runtime/services.ts";
import { savedUserState } from "./state-access.ts";

/** Saves a directory user; assigns nothing. Every integration that holds the user becomes pending for it. */
export const endpoint = defineEndpoint({
  name: "save-user",
  method: "PUT",
  path: "/users/{userId}",
  role: "provision",
  summary: "Save a directory user",
  access: { state: savedUserState, rehearses: true, events: "put" },
  params: userParams,
  query: z.strictObject(dryRunQuery),
  body: directoryUserSchema,
  answers: { 200: { description: "The user as saved.", schema: savedUserViewSchema } },
  failures: ["attempt-in-progress", "audit-unavailable"],
  handle: async (request) =>
    orDryRun(request, {
      ports: directoryPorts,
      rehearse: rehearseCall,
      act: (own) => saveUser({ ports: own, call: callOf(request) }, request.params.userId, request.body),
      answer: (body) => ({ status: 200, body }),
    }),
});

export const handler = lambda(endpoint);
