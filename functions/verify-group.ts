import { callOf, provisioningFailures } from "../shared/http/answers.ts";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationGroupParams } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { verifiedSchema, verifyInputSchema } from "../shared/model/sync.ts";
import { idempotency, ports } from "../shared/runtime/services.ts";
import { verifyObject } from "../shared/verification/verify-object.ts";
import { provisioningState } from "./state-access.ts";

/** Reads a group at the service provider and compares it with what is wanted. */
export const endpoint = defineEndpoint({
  name: "verify-group",
  method: "POST",
  path: "/integrations/{integrationId}/groups/{groupId}/verify",
  role: "provision",
  summary: "Compare a group with what is at the service provider",
  access: { state: provisioningState, events: "put", secrets: ["read"], idempotencyKey: true },
  params: integrationGroupParams,
  body: verifyInputSchema.prefault({}),
  answers: { 200: { description: "What was found, and what became of it.", schema: verifiedSchema } },
  failures: [...provisioningFailures, "acknowledgement-needed"],
  handle: async (request) => {
    const { integrationId, groupId: id } = request.params;
    const object = { integrationId, kind: "group" as const, id };
    return { status: 200, body: await verifyObject(ports, callOf(request), object, request.body) };
  },
});

export const handler = lambda(endpoint, { idempotency });
