import { randomUUID } from "node:crypto";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Actor } from "../model/event.ts";
import { Failure } from "../model/failure.ts";
import { madePlain, plainText, plainTextHint } from "../model/text.ts";

/** Who calls, read from what the gateway verified, and the request headers that events keep. */
export type Caller = Actor;

type Identity = Pick<Actor, "initiatedBy" | "authMethod">;
/** What the authorizers of an HTTP API leave in the event; the local front fills `lambda`. */
type Authorizer = {
  iam?: { userArn?: string; userId?: string; accountId?: string };
  jwt?: { claims?: Record<string, unknown> };
  lambda?: { principalId?: string; role?: string };
};

export const authorizerOf = ({ requestContext }: APIGatewayProxyEventV2): Authorizer =>
  (requestContext as { authorizer?: Authorizer }).authorizer ?? {};

/** The caller of health and the OpenAPI document, which ask for no identity and leave no event. */
const anonymous: Identity = { initiatedBy: { type: "anonymous", id: "anonymous" }, authMethod: "none" };

/**
 * The caller of an event. Throws Failure `unauthenticated` where a call that is not `open` comes without an identity
 * from the authorizer, and `invalid-input` where the Change-Reason, the On-Behalf-Of or the
 * X-Correlation-Id cannot be kept.
 */
export const readCaller = (event: APIGatewayProxyEventV2, open: boolean): Caller => {
  const { requestContext, headers } = event;
  const identity = identityOf(authorizerOf(event)) ?? (open ? anonymous : undefined);
  if (!identity) throw new Failure("unauthenticated", "The request carries no identity that was verified.");
  requireCorrelationId(headers["x-correlation-id"]);
  const reason = readText(headers, "Change-Reason", 256);
  const onBehalfOf = readText(headers, "On-Behalf-Of", 254);
  const { initiatedBy, authMethod } = identity;
  return {
    initiatedBy: onBehalfOf === undefined ? initiatedBy : { ...initiatedBy, onBehalfOf },
    authMethod,
    clientIp: requestContext.http.sourceIp,
    userAgent: madePlain(requestContext.http.userAgent ?? "").slice(0, 256),
    correlation: { id: correlationIdOf(headers), type: "request" },
    ...(reason === undefined ? {} : { reason }),
  };
};

/**
 * The call's correlation id: the caller's, if it is 1–128 visible ASCII characters other than a comma, else a new one.
 * It is kept among the headers, so that it is the same wherever it is read.
 */
export const correlationIdOf = (headers: Record<string, string | undefined>): string => {
  const given = headers["x-correlation-id"];
  if (given !== undefined && correlationIdForm.test(given)) return given;
  const made = randomUUID();
  headers["x-correlation-id"] = made;
  madeFor.add(headers);
  return made;
};

/** No comma: a header that came twice is joined by one. */
const correlationIdForm = /^[\x21-\x2b\x2d-\x7e]{1,128}$/;

/** One that was replaced would be looked for in vain. An empty one is none. */
const requireCorrelationId = (given = ""): void => {
  if (given === "" || correlationIdForm.test(given)) return;
  throw new Failure("invalid-input", "The X-Correlation-Id header cannot be kept.", {
    errors: [{ path: "header.x-correlation-id", message: "use 1–128 visible ASCII characters and no comma" }],
  });
};

/** Requests whose correlation id was made here, by their headers. */
const madeFor = new WeakSet<object>();

/** Whether the caller brought the correlation id. */
export const isCorrelationGiven = (headers: object): boolean => !madeFor.has(headers);

const identityOf = ({ iam, jwt, lambda }: Authorizer): Identity | undefined => {
  if (iam?.userArn !== undefined) {
    return { initiatedBy: { type: typeOfArn(iam.userArn), id: iam.userArn }, authMethod: "iam" };
  }
  if (jwt?.claims !== undefined) return identityOfClaims(jwt.claims);
  if (lambda?.principalId !== undefined) {
    return { initiatedBy: { type: "admin", id: lambda.principalId }, authMethod: "token" };
  }
  return undefined;
};

/** People come as IAM users, as root or over IAM Identity Center; every other role is a program's. */
const typeOfArn = (arn: string): string =>
  /:(user\/|root$)|:assumed-role\/AWSReservedSSO_/.test(arn) ? "admin" : "service";

/** A token without a subject, or whose subject is its client, was given to a program (RFC 9068 §2.2). */
const identityOfClaims = (claims: Record<string, unknown>): Identity | undefined => {
  const text = (name: string) =>
    typeof claims[name] === "string" ? madePlain(String(claims[name])).slice(0, 1024) : undefined;
  const client = text("client_id") ?? text("azp");
  const id = text("sub") ?? client;
  if (id === undefined) return undefined;
  const isProgram = id === client || text("gty") === "client-credentials";
  const email = text("email");
  const initiatedBy = {
    type: isProgram ? "service" : "admin",
    id,
    ...(email === undefined ? {} : { email }),
  };
  return { initiatedBy, authMethod: "jwt" };
};

/** An optional header that events keep. An empty one is none. */
const readText = (
  headers: Record<string, string | undefined>,
  name: string,
  maxLength: number,
): string | undefined => {
  const path = name.toLowerCase();
  const text = headers[path]?.trim();
  if (text === undefined || text === "") return undefined;
  const refuse = (message: string) =>
    new Failure("invalid-input", `The ${name} header cannot be kept.`, {
      errors: [{ path: `header.${path}`, message }],
    });
  if (text.length > maxLength) throw refuse(`use at most ${maxLength} characters`);
  if (!plainText.test(text)) throw refuse(plainTextHint);
  return text;
};
