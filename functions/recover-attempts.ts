import type { Context } from "aws-lambda";
import { withinTime } from "../shared/common/within-time.ts";
import { logError } from "../shared/http/log.ts";
import { testRefusedAgain } from "../shared/integrations/test-refused-again.ts";
import { type Warned, warnExpiringCredentials } from "../shared/integrations/warn-expiring-credentials.ts";
import { markExisting } from "../shared/provisioning/automatic/mark-existing.ts";
import { sweepWork } from "../shared/provisioning/automatic/sweep.ts";
import { recoverAttempts } from "../shared/provisioning/calls/recover-attempts.ts";
import { workerPorts as ports } from "../shared/runtime/services.ts";

/** Kept from run to run of a warm Lambda. */
const warned: Warned = new Map();

/** To log and answer, before Lambda stops the function. */
const reserveMs = 2_000;

/**
 * Each minute: settles the attempts that were cut off, until its time is over, marks once what an earlier release has left,
 * tests credentials again that were refused, finds work that nobody was woken for, and warns of credentials that end soon.
 * What is left waits for the next minute.
 */
export const handler = async (_schedule: unknown, context: Context): Promise<{ settled: number }> => {
  const until = Date.now() + context.getRemainingTimeInMillis() - reserveMs;
  return withinTime(until, () => recover(until, context));
};

const recover = async (until: number, context: Context): Promise<{ settled: number }> => {
  const where = { function: "recover-attempts", requestId: context.awsRequestId };
  const { settled, failures } = await recoverAttempts(ports, { until }).catch((error: unknown) => ({
    settled: 0,
    failures: [error],
  }));
  const half = Date.now() + (until - Date.now()) / 2;
  failures.push(...(await markExisting(ports, { until: half }).catch((error: unknown) => [error])));
  failures.push(...(await testRefusedAgain(ports, { until }).catch((error: unknown) => [error])));
  failures.push(...(await sweepWork(ports, { until }).catch((error: unknown) => [error])));
  failures.push(...(await warnExpiringCredentials(ports, warned).catch((error: unknown) => [error])));
  for (const failure of failures) logError(failure, where);
  // Lambda logs what is thrown as it is; the alarm needs the failure, not its words.
  if (failures.length > 0) throw new Error("Not all that was due could be done. The lines above say why.");
  return { settled };
};
