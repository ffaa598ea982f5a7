import type * as z from "zod";
import type { FailureCode } from "../model/failure.ts";
import type { PublicIntegration } from "../model/integration.ts";
import {
  type EndedGroupReceipt,
  type IntegrationReceipt,
  isRemovalDone,
  type LeaverReceipt,
  type State,
} from "../model/receipt.ts";
import { type SavedGroupView, savedGroupViewSchema } from "../model/views.ts";
import type { Call } from "../provisioning/ports/ports.ts";
import { isCorrelationGiven } from "./caller.ts";
import type { Answer, Endpoint, Request } from "./endpoint.ts";

/** What a use case needs to know of the call. The last two seconds are for a request under way and its record. */
export const callOf = (
  request: Pick<Request<undefined, undefined, undefined>, "caller" | "deadline" | "headers">,
): Call => ({
  actor: request.caller,
  sendUntil: request.deadline - 2_000,
  answerUntil: request.deadline,
  isCorrelationGiven: isCorrelationGiven(request.headers),
});

export const etagOf = (integration: PublicIntegration): string => `"${integration.version}"`;

export const integrationAnswer = (status: number, integration: PublicIntegration): Answer => ({
  status,
  body: integration,
  headers: { etag: etagOf(integration) },
});

const continueAfterSeconds = 2;
/** What was refused, or met a provider that is down, is not sooner done for being asked for at once. */
const retryAfterSeconds = 30;

/** The answers of a call that provisions: `done` says what its receipt tells. */
export const receiptAnswers = (schema: z.ZodType, done = "What was done."): Endpoint["answers"] => ({
  200: { description: done, schema },
  202: {
    description: "Saved, and not all done yet. It goes on by itself; the same call again continues at once.",
    schema,
    headers: ["Retry-After"],
  },
});

type Receipt = { state: State; correlationId?: string | undefined; nextAttemptAt?: string | undefined };

/** 200 for what is done; 202 with Retry-After for what is saved and goes on by itself. */
export const receiptAnswer = (body: Receipt): Answer => {
  const answer = isOpen(body.state) ? unfinished(body, secondsUntilNext(body)) : { status: 200, body };
  return ofAct(answer, body.correlationId);
};

/** Under the correlation of the act that the call continued, where it did. */
const ofAct = (answer: Answer, correlationId: string | undefined): Answer =>
  correlationId === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, "x-correlation-id": correlationId } };

const isOpen = (state: State): boolean => state === "pending" || state === "retrying";

const secondsUntilNext = ({ state, nextAttemptAt }: Receipt): number => {
  if (nextAttemptAt !== undefined)
    return Math.max(1, Math.ceil((Date.parse(nextAttemptAt) - Date.now()) / 1000));
  return state === "pending" ? continueAfterSeconds : retryAfterSeconds;
};

/**
 * 200 where nobody can get in anywhere any more, but for users whom a later call brought back (`skipped`); 202 with
 * Retry-After where anything is still to do.
 */
export const leaverAnswer = (body: LeaverReceipt | EndedGroupReceipt): Answer =>
  everywhereAnswer(body, ({ action, state }) => action === "skipped" || isRemovalDone(state));

/** 200 where every integration has the user as wanted; 202 with Retry-After where anything is still to do. */
export const lockAnswer = (body: LeaverReceipt): Answer =>
  everywhereAnswer(body, ({ state }) => state === "in_sync" || state === "skipped" || isRemovalDone(state));

const everywhereAnswer = (
  body: LeaverReceipt | EndedGroupReceipt,
  isDone: (receipt: IntegrationReceipt) => boolean,
): Answer => {
  const open = body.receipts.filter((receipt) => !isDone(receipt));
  if (open.length === 0) return { status: 200, body };
  const isUnderWay = open.some(({ state }) => state === "pending");
  return unfinished(body, isUnderWay ? continueAfterSeconds : retryAfterSeconds);
};

const unfinished = (body: unknown, seconds: number): Answer => ({
  status: 202,
  body,
  headers: { "retry-after": String(seconds) },
});

/** Of a call that saves a group: 202 where that takes longer, and goes on by itself. */
export const savedGroupAnswers: Endpoint["answers"] = {
  200: { description: "The group as saved.", schema: savedGroupViewSchema },
  202: {
    description:
      "The group as it was: its members are being saved, which goes on by itself. The same call again tells how far it has come.",
    schema: savedGroupViewSchema,
    headers: ["Retry-After"],
  },
};
export const savedGroupAnswer = (body: SavedGroupView): Answer =>
  body.saving ? ofAct(unfinished(body, savingSeconds), body.saving.correlationId) : { status: 200, body };
const savingSeconds = 5;

/** Failures of every call that provisions. */
export const provisioningFailures = [
  "not-found",
  "integration-not-active",
  "credentials-required",
  "attempt-in-progress",
  "account-claimed",
  "target-refused",
  "mapping-failed",
  "provider-rejected",
  "provider-malformed",
  "audit-unavailable",
] as const satisfies readonly FailureCode[];

/** Failures of calls that test a target, beside the code of the failed test. */
export const lifecycleFailures = [
  "attempt-in-progress",
  "target-in-use",
  "target-refused",
  "provider-unavailable",
  "audit-unavailable",
] as const satisfies readonly FailureCode[];

/** Failures of every call on a group. */
export const groupFailures = [
  ...provisioningFailures,
  "deprovisions-held",
] as const satisfies readonly FailureCode[];
