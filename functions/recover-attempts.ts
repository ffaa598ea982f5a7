import type { Context } from "aws-lambda";
import { withinTime } from "../shared/common/within-time.ts";
import { testRefusedAgain } from "../shared/integrations/test-refused-again.ts";
import { type Warned, warnExpiringCredentials } from "../shared/integrations/warn-expiring-credentials.ts";
import { wakeForJobs } from "../shared/jobs/wake-for-jobs.ts";
import type { Integration } from "../shared/model/integration.ts";
import type { Dispatched } from "../shared/provisioning/automatic/dispatch-change.ts";
import { markExisting } from "../shared/provisioning/automatic/mark-existing.ts";
import { sweepWork } from "../shared/provisioning/automatic/sweep.ts";
import { recoverAttempts } from "../shared/provisioning/calls/recover-attempts.ts";
import { workerPorts as ports } from "../shared/runtime/services.ts";
import { settleSources } from "../shared/sources/delete-source.ts";
import { startDueVerification } from "../shared/syncs/start-due-verification.ts";
import { endInvocation } from "../shared/telemetry/after-invocation.ts";
import { log, logError } from "../shared/telemetry/log.ts";

/** Kept from run to run of a warm Lambda. */
const warned: Warned = new Map();

const eachIntegration = (integration: Integration) => startDueVerification(ports, integration);

/** To log and answer, before Lambda stops the function. */
const reserveMs = 2_000;

/**
 * Each minute: settles the attempts that were cut off, until its time is over, marks once what an earlier release has left,
 * tests credentials again that were refused, finishes changes of sources that were cut off, finds work and jobs that nobody
 * was woken for, begins verifications that are due, and warns of credentials that end soon. What is left waits for the next
 * minute.
 */
export const handler = async (_schedule: unknown, context: Context): Promise<{ settled: number }> => {
  const until = Date.now() + context.getRemainingTimeInMillis() - reserveMs;
  return withinTime(until, () => recover(until, context));
};

const recover = async (until: number, context: Context): Promise<{ settled: number }> => {
  const requestId = context.awsRequestId;
  const now = Date.now();
  const { settled, failures } = await recoverAttempts(ports, { until }).catch((error: unknown) => ({
    settled: 0,
    failures: [error],
  }));
  const half = Date.now() + (until - Date.now()) / 2;
  failures.push(...(await markExisting(ports, { until: half }).catch((error: unknown) => [error])));
  failures.push(...(await testRefusedAgain(ports, { until }).catch((error: unknown) => [error])));
  const onDispatch = (dispatched: Dispatched) =>
    log("info", "change-dispatched", { requestId, ...dispatched });
  const sweep = { until, onDispatch, eachIntegration };
  failures.push(...(await sweepWork(ports, sweep).catch((error: unknown) => [error])));
  failures.push(...(await settleSources(ports).catch((error: unknown) => [error])));
  failures.push(...(await wakeForJobs(ports).catch((error: unknown) => [error])));
  failures.push(...(await warnExpiringCredentials(ports, warned).catch((error: unknown) => [error])));
  for (const failure of failures) logError(failure, { function: "recover-attempts", requestId });
  log("info", "recovery-ended", { requestId, settled, failures: failures.length, ms: Date.now() - now });
  endInvocation();
  // Lambda logs what is thrown as it is; the alarm needs the failure, not its words.
  if (failures.length > 0) throw new Error("Not all that was due could be done. The lines above say why.");
  return { settled };
};
