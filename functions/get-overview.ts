import { defineEndpoint } from "../shared/http/endpoint.ts";
import { lambda } from "../shared/http/lambda.ts";
import { overviewSchema } from "../shared/model/overview.ts";
import { getOverview } from "../shared/provisioning/overview/get-overview.ts";
import { eventReader, statePorts } from "../shared/runtime/services.ts";
import { attentionState } from "./state-access.ts";

/** One page that says how everything stands, and what needs a person. */
export const endpoint = defineEndpoint({
  name: "get-overview",
  method: "GET",
  path: "/overview",
  role: "read",
  summary: "How every integration stands, and what needs a person",
  access: {
    state: { ...attentionState, indexes: ["byListing", "byWork"] },
    events: { query: ["byIntegration"] },
  },
  answers: { 200: { description: "All integrations that are not deleted.", schema: overviewSchema } },
  failures: [],
  handle: async () => ({
    status: 200,
    body: await getOverview({ ports: statePorts, events: eventReader() }),
  }),
});

export const handler = lambda(endpoint);
