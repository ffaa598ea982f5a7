import type { ProviderFailureKind } from "../../provisioning/ports/service-provider.ts";
import type { Unreadable } from "../messages/answers.ts";
import { readScimError } from "../messages/scim-error.ts";
import { parseRetryAfter } from "../wire/retry-after.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import type { TransportFailure } from "../wire/transport-failure.ts";
import { failureKeyOfStatus, type RequestFailure } from "./retry.ts";

// Not imported, like in transport.ts: an import of node:http costs 25 ms of each cold start.
const { STATUS_CODES } = process.getBuiltinModule("node:http");

const kindOf = (status: number, byId: boolean): ProviderFailureKind => {
  if (status === 401) return "unauthorized";
  if (status === 409) return "conflict";
  if (byId && (status === 404 || status === 410)) return "not-found";
  return status !== 501 && failureKeyOfStatus(status) !== "final" ? "unavailable" : "rejected";
};

/** `409 Conflict`. The provider's own reason phrase is not trusted. */
export const titleOf = (status: number): string => `${status} ${STATUS_CODES[status] ?? ""}`.trim();

/** Who was asked, where it is not the token endpoint. */
const serviceProvider = "The service provider";

/** The guard refused the address; nothing was sent. */
export const refusedTarget = (reason: string, who = serviceProvider): RequestFailure => ({
  on: "final",
  kind: "refused-target",
  message: `The address of ${who.replace("The", "the")} is refused: ${reason}`,
});

/** No answer. */
export const classifyTransport = (
  { trouble, message, retryAfterSeconds }: TransportFailure,
  who = serviceProvider,
): RequestFailure => {
  if (trouble === "refused") return refusedTarget(message, who);
  if (trouble === "late") return { on: "final", kind: "out-of-time", message };
  if (trouble === "held") {
    const wait = { retryAfterSeconds: retryAfterSeconds ?? 1 };
    return { on: "final", kind: "unavailable", message: `Nothing was sent: ${message}`, ...wait };
  }
  if (trouble === "stopped") return { on: "final", kind: "unauthorized", message: `${who} ${message}` };
  const on = trouble === "unreachable" ? "final" : trouble;
  return { on, kind: "unavailable", message: `${who} did not answer: ${message}` };
};

/** An answer that is no 2xx. The status decides, whatever the body says of it (some send 409 without scimType, or a wrong status). */
export const classifyRefusal = (
  { status, headers, text }: HttpAnswer,
  byId: boolean,
  now: number,
  redact: (text: string) => string,
  who = serviceProvider,
): RequestFailure => {
  const retryAfterSeconds = parseRetryAfter(headers["retry-after"], now);
  const redirected = status >= 300 && status < 400 ? ", a redirect that is not followed" : "";
  return {
    on: failureKeyOfStatus(status),
    kind: kindOf(status, byId),
    message: `${who} answered ${titleOf(status)}${redirected}`,
    status,
    ...readScimError(text, redact),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
};

/** A 2xx that is not SCIM, or not yet. */
export const classifyUnreadable = (
  { status }: HttpAnswer,
  error: Unreadable,
  who = serviceProvider,
): RequestFailure => ({
  on: "unreadable",
  kind: error.kind,
  message: `${who} answered ${titleOf(status)} ${error.message}`,
  status,
});
