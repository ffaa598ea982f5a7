import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { withinTime } from "../shared/common/within-time.ts";
import { importStep } from "../shared/imports/import-step.ts";
import { scanStep } from "../shared/imports/scan-step.ts";
import { runJob } from "../shared/jobs/run-job.ts";
import type { CarriedOut } from "../shared/provisioning/automatic/carry-out-due.ts";
import { drainIntegration } from "../shared/provisioning/automatic/drain-integration.ts";
import { rehearseCall, workerPorts } from "../shared/runtime/services.ts";
import { noteVerification } from "../shared/syncs/note-verification.ts";
import { syncStep } from "../shared/syncs/sync-steps.ts";
import { endInvocation } from "../shared/telemetry/after-invocation.ts";
import { log, logError } from "../shared/telemetry/log.ts";

/** To log and answer, before Lambda stops the function. */
const reserveMs = 3_000;
/** After so long a wake-up is given back, so that others have their turn. */
const longestMs = 90_000;

const steps = { sync: syncStep(rehearseCall), scan: scanStep, import: importStep };

/**
 * Woken by the queue: works on what is due at one integration, and then on its job, if one is open. The message is done
 * with once the table knows the outcome; what is still due then is woken for again.
 */
export const handler = async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const requestId = context.awsRequestId;
  const now = Date.now();
  const until = Math.min(now + longestMs, now + context.getRemainingTimeInMillis() - reserveMs);
  try {
    for (const { body } of Records) {
      const { integrationId } = JSON.parse(body) as { integrationId: string };
      const onWork = ({ correlationId, verdict: outcome }: CarriedOut) =>
        log("debug", "work-ended", { requestId, correlationId, integrationId, outcome });
      const { done, failures } = await withinTime(until, () =>
        drainIntegration(workerPorts, integrationId, { until, onWork }),
      );
      for (const failure of failures) logError(failure, { function: "drain-integration", requestId });
      // What is due goes before a job on all of the integration.
      await runJob(workerPorts, integrationId, { until, steps, onEnd: noteVerification }).catch(
        (error: unknown) => logError(error, { function: "drain-integration", requestId }),
      );
      const ms = Date.now() - now;
      log("info", "drain-ended", { requestId, integrationId, done, failures: failures.length, ms });
    }
    return { batchItemFailures: [] };
  } finally {
    endInvocation();
  }
};
