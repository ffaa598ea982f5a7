import { present } from "../../common/objects.ts";
import { ProviderFailure, type ProviderFailureKind } from "../../provisioning/ports/provider-failure.ts";
import { Unreadable } from "../messages/answers.ts";
import { readScimError } from "../messages/scim-error.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import type { TransportFailure } from "../wire/transport-failure.ts";
import { isRateLimited, secondsToWait } from "./rate-limited.ts";
import { type Attempt, type FailedAttempt, type FailureKey, failureKeyOfStatus } from "./retry.ts";

// Not imported, like in transport.ts: an import of node:http costs 25 ms of each cold start.
const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** Who was asked. */
export type Endpoint = { title: string; isOfTokenEndpoint: boolean };
const serviceProvider: Endpoint = { title: "The service provider", isOfTokenEndpoint: false };

type Extras = ConstructorParameters<typeof ProviderFailure>[2];

const failedAttempt = (
  on: FailureKey,
  kind: ProviderFailureKind,
  message: string,
  extras: Extras,
): FailedAttempt => ({ ok: false, on, failure: new ProviderFailure(kind, message, extras) });

/** What an answer that is no 2xx is taken for, by its status and its rate limit. */
export const kindOfAnswer = (answer: HttpAnswer, byId: boolean): ProviderFailureKind => {
  const { status } = answer;
  if (isRateLimited(answer)) return "unavailable";
  if (status === 401) return "unauthorized";
  if (status === 409) return "conflict";
  if (byId && (status === 404 || status === 410)) return "not-found";
  return status !== 501 && failureKeyOfStatus(status) !== "final" ? "unavailable" : "rejected";
};

/** `409 Conflict`. The provider's own reason phrase is not trusted. */
export const titleOf = (status: number): string => `${status} ${STATUS_CODES[status] ?? ""}`.trim();

/** The guard refused the address; nothing was sent. */
export const refusedTarget = (
  reason: string,
  { title, isOfTokenEndpoint }: Endpoint = serviceProvider,
): FailedAttempt => {
  const message = `The address of ${title.replace("The", "the")} is refused: ${reason}`;
  return failedAttempt("final", "refused-target", message, { isOfTokenEndpoint });
};

/** No answer. */
export const classifyTransport = (
  { reason, message, retryAfterSeconds = 1 }: TransportFailure,
  endpoint: Endpoint = serviceProvider,
): FailedAttempt => {
  const { title, isOfTokenEndpoint } = endpoint;
  const final = (kind: ProviderFailureKind, text: string, extras: Extras = {}) =>
    failedAttempt("final", kind, text, { isOfTokenEndpoint, ...extras });
  switch (reason) {
    case "refused":
      return refusedTarget(message, endpoint);
    case "late":
      return final("out-of-time", message);
    case "superseded":
      return final("superseded", message);
    case "held":
      return final("unavailable", `Nothing was sent: ${message}`, { retryAfterSeconds });
    case "stopped":
      return final("unauthorized", `${title} ${message}`);
    case "unreachable":
      return final("unavailable", `${title} cannot be reached: ${message}`, { isUnreachable: true });
    default:
      return failedAttempt(reason, "unavailable", `${title} did not answer: ${message}`, {
        isOfTokenEndpoint,
      });
  }
};

/** What an answer that is no 2xx is taken for. */
type Refusal = {
  kind: ProviderFailureKind;
  /** Unix ms, for a Retry-After that is a date. */
  now: number;
  redact: (text: string) => string;
};

/** What `read` makes of a 2xx, or the failure that the answer is. */
export const readAnswer = <T>(
  answer: HttpAnswer,
  read: (answer: HttpAnswer) => T,
  refusal: Refusal,
  endpoint: Endpoint = serviceProvider,
): Attempt<T> => {
  if (answer.status < 200 || answer.status >= 300) return classifyRefusal(answer, refusal, endpoint);
  try {
    return { ok: true, value: read(answer) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return classifyUnreadable(answer, error, endpoint);
  }
};

/**
 * An answer that is no 2xx. The status decides, whatever the body says of it (some send 409 without scimType, or a
 * wrong status).
 */
const classifyRefusal = (
  answer: HttpAnswer,
  { kind, now, redact }: Refusal,
  { title, isOfTokenEndpoint }: Endpoint,
): FailedAttempt => {
  const { status, text } = answer;
  const redirected = status >= 300 && status < 400 ? ", a redirect that is not followed" : "";
  return failedAttempt(
    isRateLimited(answer) ? "429" : failureKeyOfStatus(status),
    kind,
    `${title} answered ${titleOf(status)}${redirected}`,
    {
      status,
      isOfTokenEndpoint,
      ...readScimError(text, redact),
      ...present({ retryAfterSeconds: secondsToWait(answer, now) }),
    },
  );
};

/** A 2xx that is not SCIM, or not yet. */
const classifyUnreadable = (
  { status }: HttpAnswer,
  { kind, message }: Unreadable,
  { title, isOfTokenEndpoint }: Endpoint,
): FailedAttempt =>
  failedAttempt("unreadable", kind, `${title} answered ${titleOf(status)} ${message}`, {
    status,
    isOfTokenEndpoint,
  });
