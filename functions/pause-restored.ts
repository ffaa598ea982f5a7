import type { CloudFormationCustomResourceEvent, Context } from "aws-lambda";
import { createCloudFormationClient } from "../shared/aws/adoption/cloudformation-client.ts";
import { answerCustomResource } from "../shared/aws/adoption/custom-resource.ts";
import { isRollback, stackStatus } from "../shared/aws/adoption/stack-status.ts";
import { pauseRestored } from "../shared/integrations/pause-restored.ts";
import { ports } from "../shared/runtime/services.ts";

/** To answer, before Lambda stops the function. */
const reserveMs = 10_000;

/**
 * Before any other Lambda of the stack is told of a state table that it adopts: pauses the integrations in it. A deploy that is
 * taken back pauses nothing: the table that it goes back to was at work until then.
 */
export const handler = (event: CloudFormationCustomResourceEvent, context: Context): Promise<void> =>
  answerCustomResource(event, "pause-restored", async () => {
    const { TableName } = event.ResourceProperties;
    const answer = { id: "paused", data: { TableName: String(TableName) } };
    if (event.RequestType === "Delete") return answer;
    if (isRollback(await stackStatus(createCloudFormationClient(), event.StackId))) return answer;
    const until = Date.now() + context.getRemainingTimeInMillis() - reserveMs;
    const paused = await pauseRestored(ports, { until });
    return { ...answer, data: { ...answer.data, Paused: String(paused) } };
  });
