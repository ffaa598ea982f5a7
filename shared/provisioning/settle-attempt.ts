import type { Intent } from "../model/attempt.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { AttemptHistory, Link, OpenAttempt } from "../model/link.ts";
import { leaseMs, recordEvent, sendingTimes, type Worked, withHistory } from "./attempt.ts";
import { openTarget, requireActive } from "./open-target.ts";
import type { LinkStore } from "./ports/link-store.ts";
import type { Call, Ports } from "./ports/ports.ts";
import { ProviderFailure, type ServiceProvider } from "./ports/service-provider.ts";
import { noteUnauthorized } from "./provider-failure.ts";

export type RecoveryTimes = Pick<Call, "sendUntil" | "answerUntil">;

type Verification<O> = {
  /** Ask the provider what became of the attempt, by reads alone. */
  verify(integration: Integration, provider: ServiceProvider, attempt: OpenAttempt): Promise<Worked<O>>;
  /** What is still known where nobody can tell what happened. */
  unknown(attempt: OpenAttempt): O | Promise<O>;
};

/** What every kind of orphan has in common: take over, verify, event, link. */
export const settleOrphan = async <A, O extends AttemptHistory>(
  ports: Ports,
  times: RecoveryTimes,
  store: LinkStore<A, O>,
  link: Link<A, O>,
  { verify, unknown }: Verification<O>,
): Promise<void> => {
  const { attempt, integrationId, id } = link;
  if (!attempt) return;
  const { attemptId } = attempt.intent;
  const now = ports.clock.now();
  if (!(await store.takeOver({ integrationId, id }, attemptId, now + leaseMs, now))) return;
  try {
    const worked = await whatHappened(ports, times, attempt, link.observed, { verify, unknown });
    await recordEvent(ports, attempt.intent, worked.outcome);
    await store.settle({ integrationId, id }, attemptId, withHistory(worked, attempt.intent));
  } catch (error) {
    await store.abandon({ integrationId, id }, attemptId).catch(() => undefined);
    throw error;
  }
};

const whatHappened = async <O>(
  ports: Ports,
  times: RecoveryTimes,
  attempt: OpenAttempt,
  observed: O,
  { verify, unknown }: Verification<O>,
): Promise<Worked<O>> => {
  if (attempt.intent.step === "lookup") return interrupted(attempt.intent, undefined, observed, false);
  let integration: Integration | undefined;
  try {
    integration = await requireActive(ports, attempt.intent.integrationId);
    const target = { actor: attempt.intent.actor, ...times };
    const provider = await openTarget(ports, integration, sendingTimes(target, ports.clock.now() + leaseMs));
    return await verify(integration, provider, attempt);
  } catch (error) {
    if (error instanceof ProviderFailure && integration) await noteUnauthorized(ports, integration, error);
    else if (!(error instanceof Failure) || error.code === "store-unavailable") throw error;
    return outcomeUnknown(attempt.intent, await unknown(attempt), error);
  }
};

/** The process was stopped, and the provider has been asked since: the attempt took effect, or it did not. */
export const interrupted = <O>(
  intent: Intent,
  provider: ServiceProvider | undefined,
  observed: O,
  isApplied: boolean,
): Worked<O> => {
  const { eventType, changes } = intent;
  const answer = provider?.lastAnswer() ?? { details: [] };
  if (isApplied) {
    const notes = [
      "The process was stopped before it could record this attempt; the service provider shows that it took effect.",
    ];
    return { outcome: { success: true, eventType, changes, answer, notes }, observed };
  }
  const failure = new Failure(
    "provider-unavailable",
    "The process that made this attempt was stopped before it took effect. Repeat the call.",
  );
  return {
    outcome: { success: false, eventType, changes, answer, errorMessage: failure.detail },
    observed,
    failure,
  };
};

const outcomeUnknown = <O>(intent: Intent, observed: O, error: Error): Worked<O> => {
  const failure = new Failure(
    "provider-unavailable",
    "The process that made this attempt was stopped, and the service provider could not be asked what happened: outcome unknown. The next call finds out.",
  );
  const { eventType, changes } = intent;
  const why = error instanceof Failure ? error.detail : error.message;
  return {
    outcome: {
      success: false,
      eventType,
      changes,
      answer: { details: [] },
      errorMessage: failure.detail,
      notes: [why],
    },
    observed,
    failure,
  };
};
