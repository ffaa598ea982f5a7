import { defineEndpoint } from "../shared/http/endpoint.ts";
import { lambda } from "../shared/http/lambda.ts";
import { meSchema } from "../shared/model/me.ts";

/** Tells who calls, and in which role: to try a token, or signed calls, with something that changes nothing. */
export const endpoint = defineEndpoint({
  name: "get-me",
  method: "GET",
  path: "/me",
  role: "read",
  summary: "Who calls, and in which role",
  access: {},
  answers: { 200: { description: "The caller.", schema: meSchema } },
  failures: [],
  handle: async ({ caller, role }) => {
    const { initiatedBy, authMethod } = caller;
    return { status: 200, body: { id: initiatedBy.id, ...(role && { role }), authMethod } };
  },
});

export const handler = lambda(endpoint);
