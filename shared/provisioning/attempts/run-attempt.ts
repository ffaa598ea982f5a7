import { buildEvent } from "../../audit/build-event.ts";
import { omit, present } from "../../common/objects.ts";
import { type AttemptResource, type Intent, type Outcome, timesOfAttempt } from "../../model/attempt.ts";
import type { AttemptEventType, Change, DirectoryInsightsEvent } from "../../model/event.ts";
import { Failure, withEvent } from "../../model/failure.ts";
import type { PublicIntegration } from "../../model/integration.ts";
import type { AttemptHistory, Link, OpenAttempt } from "../../model/link.ts";
import { auditUnavailable } from "../ports/audit-unavailable.ts";
import type { LinkKey, LinkStore, NextWork } from "../ports/link-store.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import { inCaseOfDeath } from "./left-to-call.ts";
import { isGivenUp } from "./provider-failure.ts";
import { requireLease, takenOver } from "./require-lease.ts";

/** Longer than a Lambda may run (29 s), so that a lease never ends under a live holder. */
export const leaseMs = 40_000;
/** Nothing is sent in the last part of a lease. */
const quietMs = 5_000;

export const newIntent = (
  {
    ports,
    call,
    integration,
  }: { ports: Ports; call: Pick<Call, "actor" | "serves">; integration: PublicIntegration },
  resource: AttemptResource,
  about: { eventType: AttemptEventType; changes: Change[]; step: Intent["step"]; memberships?: string[] },
): Intent => {
  const attemptId = ports.newId(ports.clock.now());
  const { name, displayLabel } = integration.application;
  return {
    attemptId,
    ...timesOfAttempt(attemptId, ports.eventRetentionDays),
    actor: call.actor,
    ...(call.serves && { serves: call.serves }),
    organization: ports.organization,
    integrationId: integration.integrationId,
    application: { id: integration.integrationId, name, ...(displayLabel !== undefined && { displayLabel }) },
    resource,
    ...about,
  };
};

/** The times within which the holder of a lease taken now may send. */
export const sendingTimes = (call: Call, leaseUntil: number): { sendUntil: number; answerUntil: number } => ({
  sendUntil: Math.min(call.sendUntil, leaseUntil - quietMs),
  answerUntil: Math.min(call.answerUntil, leaseUntil - quietMs),
});

/**
 * Write the event of an attempt, with a second and third try. Answers the one that is on record then: the attempt may
 * have had one already, which stays.
 * @throws Failure `audit-unavailable`; the caller must then keep the intent, so that recovery writes the event
 */
export const recordEvent = async (
  ports: Ports,
  intent: Intent,
  outcome: Outcome,
): Promise<DirectoryInsightsEvent> => {
  const record = buildEvent(intent, outcome);
  for (let tries = 1; ; tries += 1) {
    try {
      return await ports.events.put(record);
    } catch (cause) {
      if (tries === 3)
        throw auditUnavailable(
          "the attempt was made; its event is written as soon as the store answers",
          cause,
        );
      await ports.clock.sleep(100 * tries);
    }
  }
};

export type Worked<O> = {
  outcome: Outcome;
  /** All that is known now, the history aside. */
  observed: O;
  /** What the caller is told, where the outcome is none. */
  failure?: Failure;
};

/** Save how far the attempt has come before going on. Throws where the attempt is no longer ours: send nothing more. */
export type Mark = (
  progress: Partial<Pick<Intent, "eventType" | "changes" | "step">> & Pick<OpenAttempt, "next" | "remoteId">,
) => Promise<void>;

/**
 * What the provider's answer has shown for sure, should the attempt be left before its end. With `outcome` it only
 * needs to be recorded. Nothing is written by it, and the next mark takes it back.
 */
export type Note<O> = (known: Pick<Worked<O>, "observed" | "failure"> & { outcome?: Outcome }) => void;

/** What an attempt is made of. */
export type Steps<A, O, W extends Worked<O>> = {
  /** As it is begun, with its intent and its lease. */
  attempt: OpenAttempt<O>;
  work(mark: Mark, note: Note<O>): Promise<W>;
  /** Of the provider that the work uses, where it is a fresh one. */
  requestCount?(): number;
  /** Writes what must be on record before `observed`, and answers what is to be. Recovery may call it again. */
  keepBooks(observed: O, intent: Intent): Promise<O>;
  /** Whether the work has ended before it sent anything: then no attempt was made, and no event is left. */
  isUnsent?(worked: W): boolean;
  /** What is still to be done once the attempt has left the link like this; undefined leaves the mark of work as it is. */
  workAfter(link: Link<A, O>): NextWork;
  /** Written with the intent. */
  assignment?: A | undefined;
};

type Ended<A, O> = {
  /** Absent where nothing was sent. */
  eventId?: string;
  /** The link as the attempt left it. Absent where others wrote to it meanwhile: read again. */
  link?: Link<A, O>;
};

/**
 * One attempt, in the only order that survives a kill at any point: intent and lease, requests, event, link.
 * `moved` where the item changed since it was read or somebody else holds it: nothing was sent, read again.
 * @throws Failure `audit-unavailable` where intent or event cannot be written, `invalid-input` where the intent is too
 * large; nothing is sent without an intent. One that comes after the event names it.
 */
export const runAttempt = async <A, O extends AttemptHistory, W extends Worked<O>>(
  ports: Ports,
  store: LinkStore<A, O>,
  link: Link<A, O>,
  { attempt, work, requestCount, keepBooks, workAfter, isUnsent, assignment }: Steps<A, O, W>,
): Promise<"moved" | (W & Ended<A, O>)> => {
  const key: LinkKey = { integrationId: link.integrationId, id: link.id };
  const began = await store.begin(key, link.rev, attempt, assignment).catch((cause: unknown) => {
    throw auditUnavailable("nothing was sent", cause);
  });
  if (!began) return "moved";

  const { attemptId, actor } = attempt.intent;
  let open = attempt;
  let rev = link.rev + 1;
  const mark: Mark = async ({ next, remoteId, ...intent }) => {
    open = {
      ...omit(open, "known"),
      intent: { ...open.intent, ...intent },
      ...(next && { next }),
      ...(remoteId && { remoteId }),
    };
    const ours = await store.mark(key, open).catch((cause: unknown) => {
      throw auditUnavailable("nothing was written at the service provider", cause);
    });
    rev += 1;
    if (!ours) throw takenOver();
  };
  const note: Note<O> = ({ outcome, ...known }) => {
    const { observed } = known;
    const ended = outcome && { outcome, observed: withHistory({ outcome, ...known }, open.intent) };
    open = { ...open, known: ended ?? { observed } };
  };
  /** The mark of work, unless others have written to the link meanwhile. */
  const thenOf = (observed: O) => {
    const after = { ...omit(link, "attempt"), ...(assignment && { assignment }), observed };
    return { work: workAfter(after as Link<A, O>), rev, moved: inCaseOfDeath(ports, link.work, 0) };
  };
  let isRecorded = false;
  try {
    const worked = await work(mark, note);
    if (isUnsent?.(worked)) {
      open = { ...omit(open, "known"), isUnsent: true };
      const withdrawn = await store.settle(key, open, link.observed, thenOf(link.observed));
      return { ...worked, ...(withdrawn?.rev === rev + 1 && { link: withdrawn }) };
    }
    note(worked);
    requireLease(ports, open);
    const kept = { ...worked, observed: await keepBooks(worked.observed, open.intent) };
    requireLease(ports, open);
    await recordEvent(ports, open.intent, { ...worked.outcome, ...present({ requests: requestCount?.() }) });
    isRecorded = true;
    const observed = withHistory(kept, open.intent);
    const settled = await store.settle(key, open, observed, thenOf(observed));
    return {
      ...kept,
      ...(worked.failure && { failure: withEvent(worked.failure, attemptId, actor.correlation.id) }),
      eventId: attemptId,
      ...(settled?.rev === rev + 1 && { link: settled }),
    };
  } catch (error) {
    // The intent stays, with what is known: the next call or the sweep finds out the rest and writes what is missing.
    await store.abandon(key, open).catch(() => undefined);
    throw isRecorded && error instanceof Failure ? withEvent(error, attemptId, actor.correlation.id) : error;
  }
};

/** The history with this attempt in it. */
export const withHistory = <O extends AttemptHistory>(
  { outcome, observed, failure }: Worked<O>,
  intent: Intent,
): O => {
  const status = outcome.answer.status;
  const isFailed = failure !== undefined && !isGivenUp(failure);
  const unserved = isFailed ? (intent.serves ?? observed.unserved) : observed.unserved;
  const gone = isGivenUp(failure) ? ([] as const) : (["failures", "notBefore"] as const);
  return {
    ...(omit(observed, "lastError", "unserved", ...gone) as O),
    attempts: observed.attempts + 1,
    since: intent.startedAt,
    lastAttemptAt: intent.startedAt,
    lastEventId: intent.attemptId,
    ...(outcome.success && { lastSuccessAt: intent.startedAt }),
    ...(isFailed && {
      lastError: { code: failure.code, detail: failure.detail, ...(status !== undefined && { status }) },
      failures: (observed.failures ?? 0) + 1,
      ...notBeforeOf(failure, intent),
    }),
    ...(failure && unserved && { unserved }),
  };
};

/** The provider's own Retry-After. */
const notBeforeOf = ({ extras: { cause } }: Failure, { startedAt }: Intent): { notBefore?: string } => {
  const seconds = cause instanceof ProviderFailure ? cause.retryAfterSeconds : undefined;
  if (seconds === undefined) return {};
  return { notBefore: new Date(Date.parse(startedAt) + seconds * 1000).toISOString() };
};
