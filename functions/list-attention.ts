import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { attentionKindSchema, attentionSchema } from "../shared/model/attention.ts";
import { integrationIdSchema } from "../shared/model/integration.ts";
import { listAttention } from "../shared/provisioning/overview/list-attention.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { attentionState } from "./state-access.ts";

/** Lists what needs a person, the worst first. */
export const endpoint = defineEndpoint({
  name: "list-attention",
  method: "GET",
  path: "/attention",
  role: "read",
  summary: "List what needs a person, the worst first",
  access: { state: attentionState },
  query: z.strictObject({
    kind: attentionKindSchema.exactOptional(),
    integrationId: integrationIdSchema.exactOptional(),
    ...pageQuery,
  }),
  answers: {
    200: {
      description: "One page: by kind, in the order of the kinds, and then the oldest.",
      schema: pageOf(attentionSchema),
    },
  },
  failures: [],
  handle: async ({ query }) => ({ status: 200, body: await listAttention(statePorts, query) }),
});

export const handler = lambda(endpoint);
