import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { withinTime } from "../shared/common/within-time.ts";
import type { CarriedOut } from "../shared/provisioning/automatic/carry-out-due.ts";
import { drainIntegration } from "../shared/provisioning/automatic/drain-integration.ts";
import { workerPorts } from "../shared/runtime/services.ts";
import { endInvocation } from "../shared/telemetry/after-invocation.ts";
import { log, logError } from "../shared/telemetry/log.ts";

/** To log and answer, before Lambda stops the function. */
const reserveMs = 3_000;
/** After so long a wake-up is given back, so that others have their turn. */
const longestMs = 90_000;

/**
 * Woken by the queue: works on what is due at one integration. The message is done with once the table knows the outcome; what
 * is still due then is woken for again.
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
      const ms = Date.now() - now;
      log("info", "drain-ended", { requestId, integrationId, done, failures: failures.length, ms });
    }
    return { batchItemFailures: [] };
  } finally {
    endInvocation();
  }
};
