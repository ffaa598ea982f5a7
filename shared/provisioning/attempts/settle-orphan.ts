import { omit } from "../../common/objects.ts";
import type { Intent, LastAnswer, Outcome } from "../../model/attempt.ts";
import type { DirectoryInsightsEvent } from "../../model/event.ts";
import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { AttemptHistory, Link, OpenAttempt } from "../../model/link.ts";
import { openWork, type Work } from "../../model/work.ts";
import type { LinkStore } from "../ports/link-store.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import { openProvider } from "./open-provider.ts";
import { noteUnauthorized } from "./provider-failure.ts";
import { requireActive } from "./require-integration.ts";
import { requireLease } from "./require-lease.ts";
import { leaseMs, recordEvent, sendingTimes, type Worked, withHistory } from "./run-attempt.ts";

export type RecoveryTimes = Pick<Call, "sendUntil" | "answerUntil">;

type Verification<A, O> = {
  store: LinkStore<A, O>;
  /** Make the resource that `observed` names the object's own: what is known then. Undefined where it is another's. */
  claim(observed: O): Promise<O | undefined>;
  /** What is known without the resource that `observed` names. */
  without(observed: O): O;
  /** As in an attempt. */
  keepBooks(observed: O, intent: Intent): Promise<O>;
  /** Ask the provider what became of the attempt, by reads alone. */
  verify(integration: Integration, provider: ServiceProvider, attempt: OpenAttempt<O>): Promise<Worked<O>>;
  /** What is still known, of what `observed` tells, where nobody can tell what happened. */
  unknown(attempt: OpenAttempt<O>, observed: O): O | Promise<O>;
};
type Observed = AttemptHistory & { remoteId?: string; baseUrl?: string };

/** When the holder of an attempt that was left can have sent its last request. RFC 3339. */
export const lastSentAt = ({ startedAt }: Intent): string =>
  new Date(Date.parse(startedAt) + leaseMs).toISOString();

/** What every kind of orphan has in common: take over, verify, event, link. */
export const settleOrphan = async <A, O extends Observed>(
  ports: Ports,
  times: RecoveryTimes,
  link: Link<A, O>,
  verification: Verification<A, O>,
): Promise<void> => {
  const { store } = verification;
  const { attempt, integrationId, id } = link;
  if (!attempt) return;
  const { intent } = attempt;
  const now = ports.clock.now();
  if (!(await store.takeOver({ integrationId, id }, intent.attemptId, now + leaseMs, now))) return;
  const before = openWork(link.work);
  // Whoever held it has not come to its end: what is wanted is looked at anew.
  const again: Work = {
    state: "pending",
    // Without a mark it was a call's own, which may have been to end access.
    urgency: before?.urgency ?? 0,
    at: now,
    since: before?.since ?? Date.parse(intent.startedAt),
    setAt: now,
    ...(before?.holdId && { holdId: before.holdId }),
  };
  let held: OpenAttempt<O> = { ...attempt, leaseUntil: now + leaseMs };
  if (attempt.isUnsent) {
    await store.settle({ integrationId, id }, held, link.observed, { work: again });
    return;
  }
  try {
    const known = await endOf(ports, times, { ...link, attempt: held }, verification);
    held = { ...held, known };
    requireLease(ports, held);
    const event = await recordEvent(ports, intent, known.outcome);
    const isTold = event.success === known.outcome.success;
    const told = isTold ? known.observed : await asTold(event, link, { ...held, known }, verification);
    // The holder may have given it up already, and somebody else may have claimed it since.
    const observed = (await verification.claim(told)) ?? verification.without(told);
    const kept = await verification.keepBooks(observed, intent);
    await store.settle({ integrationId, id }, held, kept, { work: again });
  } catch (error) {
    await store.abandon({ integrationId, id }, held).catch(() => undefined);
    throw error;
  }
};

/**
 * The event that the attempt had already tells another outcome than was found. It stays, so the link tells the same; and
 * what the event calls failed is in doubt, so that the next call does or finds it anew, and has an event that tells so.
 */
const asTold = async <A, O extends Observed>(
  { success, changes, error_message }: DirectoryInsightsEvent,
  { observed: before }: Link<A, O>,
  { known, ...attempt }: OpenAttempt<O> & { known: { observed: O } },
  { unknown }: Verification<A, O>,
): Promise<O> => {
  const { remoteId } = known.observed;
  const found = remoteId === undefined ? before : known.observed;
  const there = remoteId === undefined ? attempt : { remoteId, ...attempt };
  const { lastSuccessAt } = before;
  const observed = {
    ...omit(success ? known.observed : await unknown(there, found), "lastSuccessAt"),
    attempts: before.attempts,
    ...(lastSuccessAt !== undefined && { lastSuccessAt }),
  } as O;
  const told = { eventType: attempt.intent.eventType, changes, answer: { details: [] } };
  if (success) return withHistory({ outcome: { success, ...told }, observed }, attempt.intent);
  const failure = new Failure("provider-unavailable", error_message ?? "The attempt failed.");
  const outcome = { success, ...told, errorMessage: failure.detail };
  return withHistory({ outcome, observed, failure }, attempt.intent);
};

/** What the attempt came to: as its holder had found it, or as the provider shows it now. */
const endOf = async <A, O extends Observed>(
  ports: Ports,
  times: RecoveryTimes,
  { attempt, observed }: Pick<Link<A, O>, "observed"> & { attempt: OpenAttempt<O> },
  verification: Verification<A, O>,
): Promise<{ observed: O; outcome: Outcome }> => {
  const { known, intent } = attempt;
  const ours = known && (await verification.claim(known.observed));
  if (ours && known.outcome) return { observed: ours, outcome: known.outcome };
  const open = ours ? { attempt, observed: ours } : { attempt: omit(attempt, "known"), observed };
  const worked = await whatHappened(ports, times, open, verification);
  return { observed: withHistory(worked, intent), outcome: worked.outcome };
};

const whatHappened = async <A, O extends Observed>(
  ports: Ports,
  times: RecoveryTimes,
  { attempt, observed }: { attempt: OpenAttempt<O>; observed: O },
  { verify, unknown }: Pick<Verification<A, O>, "verify" | "unknown">,
): Promise<Worked<O>> => {
  if (attempt.intent.step === "lookup") return interrupted(attempt.intent, undefined, observed, false);
  let integration: Integration | undefined;
  try {
    integration = await requireActive(ports, attempt.intent.integrationId);
    requireSentTo(integration, attempt.baseUrl ?? observed.baseUrl);
    const { actor } = attempt.intent;
    const call = { actor, ...times };
    const limits = sendingTimes(call, ports.clock.now() + leaseMs);
    const provider = await openProvider({ ports, integration, call }, limits);
    return await verify(integration, provider, attempt);
  } catch (error) {
    if (error instanceof ProviderFailure && integration)
      await noteUnauthorized({ ports, integration }, error);
    else if (!(error instanceof Failure) || error.code === "store-unavailable") throw error;
    const left = await unknown(attempt, observed);
    return attempt.known
      ? interrupted(attempt.intent, undefined, left, true)
      : outcomeUnknown(attempt.intent, left, error);
  }
};

/**
 * Under another base URL the ids of the attempt may be somebody else's, and what is there tells nothing of it.
 * @throws Failure
 */
const requireSentTo = ({ baseUrl }: Integration, sentTo: string | undefined): void => {
  if (sentTo === undefined || sentTo === baseUrl) return;
  throw new Failure("provider-unavailable", `It was sent to ${sentTo}; the base URL is ${baseUrl} by now.`);
};

/** The attempt was left, and the provider has been asked since: the attempt took effect, or it did not. */
export const interrupted = <O>(
  intent: Intent,
  provider: ServiceProvider | undefined,
  observed: O,
  isApplied: boolean,
): Worked<O> => {
  const { eventType, changes } = intent;
  const answer = provider?.lastAnswer() ?? { details: [] };
  if (!isApplied)
    return cutOff(
      { intent, answer, observed },
      "This attempt was cut off before it took effect. Repeat the call.",
    );
  const notes = [
    "This attempt was cut off before it could be recorded; the service provider has shown that it took effect.",
  ];
  return { outcome: { success: true, eventType, changes, answer, notes }, observed };
};

const outcomeUnknown = <O>(intent: Intent, observed: O, error: Error): Worked<O> =>
  cutOff(
    { intent, answer: { details: [] }, observed },
    "This attempt was cut off, and the service provider does not tell what happened: outcome unknown. The next call finds out.",
    [error instanceof Failure ? error.detail : error.message],
  );

const cutOff = <O>(
  { intent, answer, observed }: { intent: Intent; answer: LastAnswer; observed: O },
  errorMessage: string,
  notes: string[] = [],
): Worked<O> => {
  const { eventType, changes } = intent;
  const code = "provider-unavailable";
  return {
    outcome: { success: false, eventType, changes, answer, errorMessage, code, notes },
    observed,
    failure: new Failure(code, errorMessage),
  };
};
