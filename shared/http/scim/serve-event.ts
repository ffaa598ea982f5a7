import type { Source } from "../../model/source.ts";
import { madePlain } from "../../model/text.ts";
import type { Call, Ports } from "../../provisioning/ports/ports.ts";
import type { Telemetry } from "../../provisioning/ports/telemetry.ts";
import type { ScimPorts } from "../../scim-in/access/asking.ts";
import type { ScimAnswer } from "../../scim-in/answer.ts";
import type { ScimRequest } from "../../scim-in/request.ts";
import { serveDiscovery } from "../../scim-in/serve-discovery.ts";
import { serveResources } from "../../scim-in/serve-resources.ts";
import { ScimError } from "../../scim-server/errors/scim-error.ts";
import { authenticateSource, noteRequest, type SourceIdentity } from "../../sources/authenticate-source.ts";
import { callOf } from "../answers.ts";
import { correlationIdOf } from "../caller.ts";
import type { HttpEvent } from "../invocation.ts";
import { bodyOf, pathOf, queryOf } from "./read-request.ts";
import { asScimError } from "./scim-failure.ts";

type Serving = { ports: ScimPorts & Pick<Ports, "sources" | "clock">; telemetry: Telemetry; baseUrl: string };

/**
 * Answer one request: what is served is open, and all else asks for the token of a source first, whatever the path. The source
 * keeps how the request was answered.
 * @throws ScimError, Failure
 */
export const serveScimEvent = async (
  { ports, telemetry, baseUrl }: Serving,
  event: HttpEvent,
  deadline: number,
): Promise<ScimAnswer> => {
  const request = requestOf(event);
  const open = request && serveDiscovery(request, baseUrl);
  if (open) return open;
  const identity = await authenticateSource(ports, event.headers.authorization, telemetry);
  if (!identity)
    throw new ScimError(
      401,
      "The token is missing, or opens no source. Send Authorization: Bearer and the token.",
    );
  const { source } = identity;
  return noting({ ports, identity, event, request }, async () => {
    if (!request) throw new ScimError(404, "The path is not encoded as it has to be (RFC 3986 §2.1).");
    return serveResources({ ports, source, baseUrl, call: callOfSource(source, event, deadline) }, request);
  });
};

/** Undefined where the path cannot be read. */
const requestOf = (event: HttpEvent): ScimRequest | undefined => {
  const path = pathOf(event);
  return (
    path && {
      method: event.requestContext.http.method,
      path,
      query: queryOf(event),
      body: () => bodyOf(event),
      ifMatch: event.headers["if-match"],
      ifNoneMatch: event.headers["if-none-match"],
    }
  );
};

const callOfSource = ({ sourceId }: Source, event: HttpEvent, deadline: number): Call => {
  const { headers, requestContext } = event;
  const caller = {
    initiatedBy: { type: "source", id: sourceId },
    authMethod: "token",
    clientIp: requestContext.http.sourceIp,
    userAgent: madePlain(requestContext.http.userAgent ?? "").slice(0, 256),
    correlation: { id: correlationIdOf(headers), type: "request" },
  };
  return callOf({ caller, deadline, headers: headers as Record<string, string> });
};

type Noted = {
  ports: Serving["ports"];
  identity: SourceIdentity;
  event: HttpEvent;
  request: ScimRequest | undefined;
};

const noting = async (
  { ports, identity, event, request }: Noted,
  serve: () => Promise<ScimAnswer>,
): Promise<ScimAnswer> => {
  const note = (status: number, error?: Pick<ScimError, "detail" | "scimType">) =>
    noteRequest(ports, identity, {
      at: new Date(ports.clock.now()).toISOString(),
      method: event.requestContext.http.method,
      resource: resourceIn(request),
      status,
      ...(error && {
        error: {
          detail: error.detail,
          correlationId: correlationIdOf(event.headers),
          ...(error.scimType !== undefined && { scimType: error.scimType }),
        },
      }),
    });
  try {
    const answer = await serve();
    await note(answer.status);
    return answer;
  } catch (thrown) {
    const { error } = asScimError(thrown);
    await note(error.status, error);
    throw thrown;
  }
};

const endpoints = ["Users", "Groups", "Me", "Bulk", ".search"];

/** Without ids, and nothing that a sender made up. */
const resourceIn = (request: ScimRequest | undefined): string =>
  endpoints.find((name) => name === request?.path[0]) ?? "other";
