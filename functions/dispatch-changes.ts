import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { objectIn } from "../shared/aws/table/keys.ts";
import { logError } from "../shared/http/log.ts";
import { dispatchChange } from "../shared/provisioning/automatic/dispatch-change.ts";
import { dispatchPorts } from "../shared/runtime/services.ts";

/**
 * Woken by the stream of the state table, for items that bear the mark of a change: makes it due at every link that it
 * concerns. What fails here keeps its mark, and the sweep tries it again: no record blocks those behind it.
 */
export const handler = async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const pks = new Set(Records.flatMap(({ dynamodb }) => dynamodb?.Keys?.pk?.S ?? []));
  for (const pk of pks) {
    await dispatchChange(dispatchPorts, objectIn({ pk })).catch((error: unknown) =>
      logError(error, { function: "dispatch-changes" }),
    );
  }
  return { batchItemFailures: [] };
};
