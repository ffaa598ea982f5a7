import type { LastAnswer, Outcome } from "../model/attempt.ts";
import { isExpiring } from "../model/credentials.ts";
import type { Change, EventType } from "../model/event.ts";
import { Failure, withEvent } from "../model/failure.ts";
import type { Integration, PublicIntegration, TargetTest } from "../model/integration.ts";
import { auditUnavailable, leaseMs, newIntent, recordEvent } from "../provisioning/attempts/run-attempt.ts";
import type { IntegrationRow, LifecycleAttempt } from "../provisioning/ports/integration-store.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { settleLifecycleAttempt } from "./settle-lifecycle-attempt.ts";
import { makesTestGroup, testGroupName } from "./test-target.ts";

type About = { eventType: EventType; changes: Change[] };
export type LifecycleResult = {
  answer?: LastAnswer;
  notes?: string[];
  /** The row as it shall be; absent after a failure. */
  integration?: Integration;
  failure?: Failure;
};

/** The integration as callers see it at `now` (Unix ms). */
export type LifecycleSteps = {
  /** Before a new secret is stored: the row as the test of the target made it, for recovery to finish with. */
  note(tested: Integration): Promise<void>;
  /** Once nothing is left that can fail: from then on recovery finishes the attempt instead of undoing it. */
  keep(kept: Integration): Promise<void>;
};

export const toPublic = (
  { secretVersionId: _, secretOrigin: __, mappingVersion: ___, pausedUntil: ____, ...shown }: Integration,
  now: number,
): PublicIntegration => {
  const { credentials } = shown;
  if (shown.status === "deleted" || !isExpiring(credentials, now)) return shown;
  return { ...shown, credentials: { ...credentials, expiring: true } };
};

const aboutIntegration = (integration: PublicIntegration) => ({
  type: "application" as const,
  id: integration.integrationId,
  name: integration.application.name,
});

/**
 * One lifecycle attempt: intent and lease on the integration's row, then `work`, then the event, then the row.
 * `work` gets the attempt's id, which names the new version of a secret.
 * @throws Failure of the attempt with its event, `attempt-in-progress`, `audit-unavailable`
 */
export const runLifecycleAttempt = async (
  ports: Ports,
  call: Call,
  row: Pick<IntegrationRow, "integrationId" | "integration">,
  { test, ...about }: About & { test?: TargetTest },
  propose: (attemptId: string) => Integration,
  work: (attemptId: string, proposed: Integration, steps: LifecycleSteps) => Promise<LifecycleResult>,
): Promise<Integration> => {
  const { integrationId } = row;
  const draft = propose("");
  const intent = newIntent({ ports, call, integration: draft }, aboutIntegration(draft), {
    ...about,
    step: "write",
  });
  const { attemptId } = intent;
  const proposed = propose(attemptId);
  const attempt: LifecycleAttempt = {
    intent,
    leaseUntil: ports.clock.now() + leaseMs,
    proposed,
    mayLeave: leftBy(ports, proposed, test, attemptId),
  };
  const began = await ports.integrations
    .begin(integrationId, row.integration?.version ?? 0, attempt)
    .catch((cause: unknown) => {
      throw auditUnavailable("nothing was sent", cause);
    });
  if (!began) return refuse(ports, call, draft, about, inProgress(integrationId));

  const mark = async (kept: Integration, succeeded: boolean): Promise<void> => {
    const ours = await ports.integrations.mark(integrationId, {
      ...attempt,
      proposed: kept,
      ...(succeeded && { succeeded }),
    });
    if (!ours) throw inProgress(integrationId);
  };
  const steps: LifecycleSteps = { note: (tested) => mark(tested, false), keep: (kept) => mark(kept, true) };
  try {
    const {
      answer = { details: [] },
      notes = [],
      integration,
      failure,
    } = await work(attemptId, proposed, steps);
    const told = { ...about, answer, notes };
    await recordEvent(
      ports,
      intent,
      failure ? { success: false, errorMessage: failure.detail, ...told } : { success: true, ...told },
    );
    await ports.integrations.settle(integrationId, attemptId, integration);
    if (failure) throw withEvent(failure, attemptId);
    return integration ?? proposed;
  } catch (error) {
    if (!(error instanceof Failure && error.extras.eventId))
      await ports.integrations.abandon(integrationId, attemptId).catch(() => undefined);
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

const inProgress = (integrationId: string): Failure =>
  new Failure(
    "attempt-in-progress",
    `Another change of integration ${integrationId} is under way or came first. Read it and repeat the call.`,
    {
      retryAfterSeconds: 5,
    },
  );

/** A lifecycle call with valid input on an active integration leaves an event, also where it is refused here. */
export const refuse = async (
  ports: Ports,
  call: Call,
  integration: PublicIntegration,
  about: About,
  failure: Failure,
): Promise<never> => {
  const intent = newIntent({ ports, call, integration }, aboutIntegration(integration), {
    ...about,
    step: "lookup",
  });
  const outcome: Outcome = {
    success: false,
    ...about,
    answer: { details: [] },
    errorMessage: failure.detail,
  };
  await recordEvent(ports, intent, outcome);
  throw withEvent(failure, intent.attemptId);
};

/** @throws (with an event) Failure `precondition-failed` where `If-Match` names another version (RFC 9110 §13.1.1) */
export const requireMatch = async (
  ports: Ports,
  call: Call,
  integration: Integration,
  about: About,
  ifMatch: string | undefined,
): Promise<void> => {
  if (ifMatch === undefined || ifMatch.trim() === "*") return;
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  if (tags.includes(`"${integration.version}"`)) return;
  await refuse(
    ports,
    call,
    integration,
    about,
    new Failure(
      "precondition-failed",
      `Integration ${integration.integrationId} is at version "${integration.version}", not ${ifMatch}. Read it and decide again.`,
    ),
  );
};

/**
 * The integration, if it may still be changed: active, or waiting for reauth. An attempt of a process that is gone is
 * settled first.
 * @throws Failure `not-found`, `integration-not-active`
 */
export const requireChangeable = async (ports: Ports, integrationId: string): Promise<Integration> => {
  let row = await ports.integrations.read(integrationId);
  if (row?.attempt && row.attempt.leaseUntil <= ports.clock.now()) {
    await settleLifecycleAttempt(ports, row);
    row = await ports.integrations.read(integrationId);
  }
  if (!row?.integration) throw new Failure("not-found", `There is no integration ${integrationId}.`);
  if (row.integration.status === "deleted")
    throw new Failure("integration-not-active", `Integration ${integrationId} is deleted.`);
  return row.integration;
};
