import type { LastAnswer } from "../model/attempt.ts";
import type { AttemptEventType, Change } from "../model/event.ts";
import { Failure, withEvent } from "../model/failure.ts";
import type { Integration, PublicIntegration, TargetTest } from "../model/integration.ts";
import { requireLease } from "../provisioning/attempts/require-lease.ts";
import { leaseMs, newIntent, recordEvent } from "../provisioning/attempts/run-attempt.ts";
import { auditUnavailable } from "../provisioning/ports/audit-unavailable.ts";
import type { LifecycleAttempt } from "../provisioning/ports/integration-store.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { makesTestGroup, testGroupName } from "./test-target.ts";

/** The outside, and the call that asks for a change. */
export type Asked = { ports: Ports; call: Call };
/** What is to be changed, as its event tells it. `integration` is as it was read; absent where it is new. */
export type LifecycleChange = {
  eventType: AttemptEventType;
  changes: Change[];
  integration?: Integration;
  test?: TargetTest;
};
export type LifecycleResult = {
  answer?: LastAnswer;
  notes?: string[];
  /** The row as it shall be; absent after a failure. */
  integration?: Integration;
  failure?: Failure;
};

/** What the work of an attempt gets. */
export type LifecycleSteps = {
  /** Names the new version of a secret. */
  attemptId: string;
  /** The row as it shall be, as far as that is known before the work. */
  proposed: Integration;
  /** Before a new secret is stored: the row as the test of the target made it, for recovery to finish with. */
  note(tested: Integration): Promise<void>;
  /** Once nothing is left that can fail: from then on recovery finishes the attempt instead of undoing it. */
  keep(kept: Integration): Promise<void>;
};

const aboutIntegration = (integration: PublicIntegration) => ({
  type: "application" as const,
  id: integration.integrationId,
  name: integration.application.name,
});

/**
 * One lifecycle attempt: intent and lease on the integration's row, then `work`, then the event, then the row.
 * `propose` makes the new row, with the attempt's id.
 * @throws Failure of the attempt with its event, `attempt-in-progress`, `audit-unavailable`
 */
export const runLifecycleAttempt = async (
  { ports, call }: Asked,
  change: LifecycleChange,
  propose: (attemptId: string) => Integration,
  work: (steps: LifecycleSteps) => Promise<LifecycleResult>,
): Promise<Integration> => {
  const { eventType, changes } = change;
  const draft = propose("");
  const { integrationId } = draft;
  const resource = aboutIntegration(draft);
  const intent = newIntent({ ports, call, integration: draft }, resource, {
    eventType,
    changes,
    step: "write",
  });
  const { attemptId } = intent;
  const proposed = propose(attemptId);
  const attempt: LifecycleAttempt = {
    intent,
    leaseUntil: ports.clock.now() + leaseMs,
    proposed,
    mayLeave: leftBy(ports, proposed, change.test, attemptId),
  };
  const began = await ports.integrations
    .begin(integrationId, change.integration?.version ?? 0, attempt)
    .catch((cause: unknown) => {
      throw auditUnavailable("nothing was sent", cause);
    });
  if (!began)
    return refuseChange({ ports, call }, { ...change, integration: draft }, inProgress(integrationId));

  const mark = async (kept: Integration, succeeded: boolean): Promise<void> => {
    const now = { ...attempt, proposed: kept, ...(succeeded && { succeeded }) };
    if (!(await ports.integrations.mark(integrationId, now))) throw inProgress(integrationId);
  };
  try {
    const {
      answer = { details: [] },
      notes = [],
      integration,
      failure,
    } = await work({
      attemptId,
      proposed,
      note: (tested) => mark(tested, false),
      keep: (kept) => mark(kept, true),
    });
    requireLease(ports, attempt);
    const told = { eventType, changes, answer, notes };
    await recordEvent(
      ports,
      intent,
      failure ? { success: false, ...failedBy(failure), ...told } : { success: true, ...told },
    );
    await ports.integrations.settle(integrationId, attempt, integration);
    if (failure) throw withEvent(failure, attemptId);
    return integration ?? proposed;
  } catch (error) {
    if (!(error instanceof Failure && error.extras.eventId))
      await ports.integrations.abandon(integrationId, attempt).catch(() => undefined);
    throw error;
  }
};

const leftBy = (
  ports: Ports,
  proposed: Integration,
  test: TargetTest | undefined,
  attemptId: string,
): string[] => {
  if (test?.mode !== "write") return [];
  const user = `user ${String(test.userEmail).toLowerCase()}`;
  return makesTestGroup(ports, proposed) ? [user, `group ${testGroupName(attemptId)}`] : [user];
};

const failedBy = ({ detail, code }: Failure) => ({ errorMessage: detail, code });

const inProgress = (integrationId: string): Failure =>
  new Failure(
    "attempt-in-progress",
    `Another change of integration ${integrationId} is under way or came first. Read it and repeat the call.`,
    { retryAfterSeconds: 5 },
  );

/** A lifecycle call with valid input on an active integration leaves an event, also where it is refused here. */
export const refuseChange = async (
  { ports, call }: Asked,
  { integration, eventType, changes }: LifecycleChange & { integration: Integration },
  failure: Failure,
): Promise<never> => {
  const about = { eventType, changes };
  const resource = aboutIntegration(integration);
  const intent = newIntent({ ports, call, integration }, resource, { ...about, step: "lookup" });
  const answer = { details: [] };
  await recordEvent(ports, intent, { success: false, ...about, answer, ...failedBy(failure) });
  throw withEvent(failure, intent.attemptId);
};
