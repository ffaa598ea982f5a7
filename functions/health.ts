import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { lambda } from "../shared/http/lambda.ts";

/**
 * Tells that the service answers. Open to everybody, so it touches nothing. The local run answers 503 in its place
 * while its own store cannot write.
 */
export const endpoint = defineEndpoint({
  name: "health",
  method: "GET",
  path: "/health",
  summary: "Whether the service answers",
  access: {},
  open: true,
  answers: { 200: { description: "It does.", schema: z.object({ status: z.literal("ok") }) } },
  failures: ["store-unavailable"],
  handle: async () => ({ status: 200, body: { status: "ok" } }),
});

export const handler = lambda(endpoint);
