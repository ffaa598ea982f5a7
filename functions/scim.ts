import type { Access } from "../shared/http/endpoint.ts";
import { scimLambda } from "../shared/http/scim/scim-lambda.ts";
import { serveScimEvent } from "../shared/http/scim/serve-event.ts";
import { directoryPorts, scimBaseUrl, telemetry } from "../shared/runtime/services.ts";
import { scimState } from "./state-access.ts";

/**
 * SCIM in: all that identity providers ask for, since they call one host in bursts and a Lambda for each endpoint would start cold
 * each time. It checks tokens itself, so that its errors are SCIM's, and is no row of the endpoint table.
 */
export const endpoint: { name: string; access: Access } = {
  name: "scim",
  access: { state: scimState, events: "put", publicUrl: true },
};

export const handler = scimLambda(endpoint.name, (event, deadline) =>
  serveScimEvent({ ports: directoryPorts, telemetry: telemetry(), baseUrl: scimBaseUrl() }, event, deadline),
);
