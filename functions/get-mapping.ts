import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { getMapping } from "../shared/integrations/get-mapping.ts";
import { userIdSchema } from "../shared/model/directory.ts";
import { mappingViewSchema } from "../shared/model/views.ts";
import { statePorts } from "../shared/runtime/services.ts";

/** Shows which attributes an integration sends and what each is made of, for one user with its values. */
export const endpoint = defineEndpoint({
  name: "get-mapping",
  method: "GET",
  path: "/integrations/{integrationId}/mapping",
  role: "read",
  summary: "Read the attribute mapping of an integration",
  access: { state: { get: ["integrations", "users"], batchGet: ["integrations", "users"] } },
  params: integrationParams,
  query: z.strictObject({
    userId: userIdSchema.exactOptional().meta({ description: "Show the values of this user, too." }),
  }),
  answers: {
    200: { description: "The rows, in the order in which they are sent.", schema: mappingViewSchema },
  },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await getMapping(statePorts, params.integrationId, query.userId),
  }),
});

export const handler = lambda(endpoint);
