import type { Outcome } from "../../model/attempt.ts";
import type { AttemptEventType, Change } from "../../model/event.ts";
import { Failure, type FailureCode } from "../../model/failure.ts";
import type { AttemptHistory } from "../../model/link.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { ProviderFailure, type ProviderFailureKind } from "../ports/provider-failure.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";

const codes: Record<ProviderFailureKind, FailureCode> = {
  unauthorized: "provider-rejected",
  "not-found": "provider-rejected",
  conflict: "provider-rejected",
  rejected: "provider-rejected",
  malformed: "provider-malformed",
  accepted: "provider-unavailable",
  unavailable: "provider-unavailable",
  "refused-target": "target-refused",
  "out-of-time": "provider-unavailable",
  superseded: "provider-unavailable",
};

const putRight = " Put right what it refuses, here or there, and call again.";
const advice: Record<ProviderFailureKind, string> = {
  unauthorized: " Give the integration new credentials with reauth.",
  "not-found": " Call again: it is looked up anew.",
  conflict: putRight,
  rejected: putRight,
  malformed: " Call again; if it stays so, look at what answers at the base URL.",
  accepted: " Call again later.",
  unavailable: " Call again later.",
  "refused-target": " Give the integration another base URL.",
  "out-of-time": " Call again.",
  superseded: "",
};

/** What the caller is told of the provider's failure: its status and wordsOf, and what to do. */
export const toFailure = (error: ProviderFailure, what: string): Failure => {
  const code = codes[error.kind];
  return new Failure(code, `${what}: ${wordsOf(error)}${advice[error.kind]}`, {
    ...(code === "provider-unavailable" && { retryAfterSeconds: error.retryAfterSeconds ?? 5 }),
    cause: error,
  });
};

/** An event has all of its words; a sentence has as many as can be read at a glance. */
const longestWords = 500;

/** The provider's status, scimType and words as sentences on one bounded line. */
export const wordsOf = ({ message, scimType, details }: ProviderFailure): string => {
  const type = scimType === undefined ? "" : ` (${scimType})`;
  if (details.length === 0) return sentence(message + type);
  const words = details.join(" ");
  const cut = words.length > longestWords ? `${words.slice(0, longestWords).toWellFormed()}…` : words;
  return `${sentence(message + type)} ${sentence(`It said: ${cut}`)}`;
};

const sentence = (text: string): string => (/[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** The provider's failure. @throws `error` itself where it is not one: then it is ours */
export const asProviderFailure = (error: unknown): ProviderFailure => {
  if (error instanceof ProviderFailure) return error;
  throw error;
};

/**
 * A 401 stops the integration until reauth, unless the secret was exchanged meanwhile: the store compares the
 * version that failed with the row's.
 */
export const noteUnauthorized = async (
  { ports, integration }: IntegrationContext,
  error: ProviderFailure,
): Promise<void> => {
  if (error.kind !== "unauthorized") return;
  const at = new Date(ports.clock.now()).toISOString();
  await ports.integrations.requireReauth(integration.integrationId, integration.secretVersionId, at);
};

/** The outcome of an attempt that ended with this failure. */
export const failedOutcome = (
  failure: Failure,
  { eventType, changes, notes = [] }: { eventType: AttemptEventType; changes: Change[]; notes?: string[] },
  provider: ServiceProvider,
): Outcome => ({
  success: false,
  eventType,
  changes,
  // A read may have followed, to look whether the request took effect.
  answer: answerIn(failure.cause) ?? provider.lastAnswer(),
  errorMessage: failure.detail,
  code: failure.code,
  notes,
});

const answerIn = (cause: unknown) => (cause instanceof ProviderFailure ? cause.answer : undefined);

/**
 * A failure of ours that an attempt ends with. Any other, e.g. of a store, leaves it open: what happened is known
 * already.
 */
export const isVerdict = (error: unknown): error is Failure =>
  error instanceof Failure && verdicts.has(error.code);

const verdicts: ReadonlySet<FailureCode> = new Set([
  "account-claimed",
  "deprovisions-held",
  "provider-rejected",
]);

/** The failure to tell the caller, after what a 401 asks for is done. What does not end the attempt goes up. */
export const noteFailure = async (
  context: IntegrationContext,
  error: unknown,
  what: string,
): Promise<Failure> => {
  if (isVerdict(error)) return error;
  const cause = asProviderFailure(error);
  await noteUnauthorized(context, cause);
  return toFailure(cause, what);
};

/** The time of the call was over: not a failure of the object, the same call again continues. */
export const isOutOfTime = (failure: Failure | undefined): boolean =>
  failure?.cause instanceof ProviderFailure && failure.cause.kind === "out-of-time";

/** The attempt was given up, since something newer was asked for meanwhile: no failure of the object either. */
export const isSuperseded = (failure: Failure | undefined): boolean =>
  failure?.cause instanceof ProviderFailure && failure.cause.kind === "superseded";

/** Whether the attempt ended for want of time, or for something newer: no word about its object. */
export const isGivenUp = (failure: Failure | undefined): boolean =>
  isOutOfTime(failure) || isSuperseded(failure);

/** Whether the time was over, or the rate limit full, before the first request of the attempt. */
export const endedUnsent = (provider: ServiceProvider, failure: Failure | undefined): boolean =>
  provider.requestCount() === 0 &&
  failure?.cause instanceof ProviderFailure &&
  failure.cause.kind !== "refused-target";

/** The provider refused the credentials: nothing more is to be sent. */
export const isUnauthorized = ({ cause }: Failure): boolean =>
  cause instanceof ProviderFailure && cause.kind === "unauthorized";

/** What a DELETE that is answered 404 is, until a look has shown that nothing is there. */
export const notThere = (): ProviderFailure =>
  new ProviderFailure("not-found", "The service provider answered 404 Not Found", { status: 404 });

/** A change that was answered so may have met something that is gone: some answer 500 then. */
export const mayBeGone = ({ kind, status }: ProviderFailure): boolean =>
  kind === "not-found" || status === 500;

/** A DELETE that was answered so may have been carried out, or may have nothing to do. */
export const openDeletionKinds: ReadonlySet<ProviderFailureKind> = new Set([
  "not-found",
  "unavailable",
  "malformed",
]);

/** What failed, as a link and a receipt tell it: with the provider's status, where it answered. */
export const toldOf = ({ code, detail, cause }: Failure): NonNullable<AttemptHistory["lastError"]> => {
  const status = cause instanceof ProviderFailure ? cause.status : undefined;
  return { code, detail, ...(status !== undefined && { status }) };
};
