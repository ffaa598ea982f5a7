import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { lambda } from "../shared/http/lambda.ts";
import { methodsOf } from "../shared/http/openapi/methods-of.ts";
import { problemAnswer } from "../shared/http/problem.ts";
import { Failure } from "../shared/model/failure.ts";

/** Answers every path and method that no route has. It is no row of the endpoint table. */
export const endpoint = defineEndpoint({
  name: "not-found",
  method: "GET",
  path: "/{proxy+}",
  role: "read",
  summary: "Whatever has no route",
  access: {},
  // That the path is unknown is what the caller has to hear first.
  query: z.unknown(),
  answers: {},
  failures: ["not-found", "method-not-allowed"],
  handle: async ({ method, path }) => {
    // The committed document, since the endpoint table would bring every other Lambda's code with it.
    const { default: document } = await import("../docs/openapi.json", { with: { type: "json" } });
    const allowed = methodsOf(document.paths, path);
    if (allowed.length === 0)
      throw new Failure("not-found", "There is no such path. GET /openapi.json lists all.");
    const failure = new Failure("method-not-allowed", `The path takes ${allowed.join(", ")}, not ${method}.`);
    return problemAnswer(failure, { allow: allowed.join(", ") });
  },
});

export const handler = lambda(endpoint);
