import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { integrationOfJobs, objectIn } from "../shared/aws/table/keys.ts";
import { concurrently } from "../shared/common/concurrently.ts";
import { withinTime } from "../shared/common/within-time.ts";
import { dispatchChange } from "../shared/provisioning/automatic/dispatch-change.ts";
import { dispatchPorts } from "../shared/runtime/services.ts";
import { log, logError } from "../shared/telemetry/log.ts";

/** Enough that a batch takes a second or two; a leaver is not to wait behind the rest of it. */
const atOnce = 16;
/** Of the 29 s of a Lambda: those that wait behind this batch are not to wait longer. */
const longestMs = 20_000;

/**
 * Woken by the stream of the state table, for items that bear the mark of a change: makes it due at every link that it
 * concerns; and for jobs that were begun, whose workers it wakes. What fails here keeps its mark, and the sweep tries it
 * again: no record blocks those behind it.
 */
export const handler = async (
  { Records }: DynamoDBStreamEvent,
  context: Context,
): Promise<DynamoDBBatchResponse> => {
  const requestId = context.awsRequestId;
  const pks = new Set(Records.flatMap(({ dynamodb }) => dynamodb?.Keys?.pk?.S ?? []));
  const dispatch = async (pk: string) => {
    try {
      const integrationId = integrationOfJobs({ pk });
      if (integrationId !== undefined) return await dispatchPorts.wakeUps.wake(integrationId);
      const dispatched = await dispatchChange(dispatchPorts, objectIn({ pk }));
      if (dispatched) log("info", "change-dispatched", { requestId, ...dispatched });
    } catch (error) {
      logError(error, { function: "dispatch-changes", requestId });
    }
  };
  await withinTime(Date.now() + longestMs, () => concurrently([...pks], atOnce, dispatch));
  return { batchItemFailures: [] };
};
