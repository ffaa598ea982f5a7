import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { eventOfKey } from "../shared/aws/events/event-keys.ts";
import { telemetry } from "../shared/runtime/services.ts";
import { endInvocation } from "../shared/telemetry/after-invocation.ts";
import { log } from "../shared/telemetry/log.ts";

/**
 * Woken by the stream of the events table, for events that were changed, or removed before they expired: says which, and
 * counts them, which raises an alarm. The service itself does neither, so each of them was done past it.
 */
export const handler = async (
  { Records }: DynamoDBStreamEvent,
  context: Context,
): Promise<DynamoDBBatchResponse> => {
  try {
    const tampered = Records.filter(isTampering);
    for (const record of tampered) log("error", "event-tampered", describe(record, context.awsRequestId));
    if (tampered.length > 0) telemetry().record([{ metric: "EventsTampered", value: tampered.length }]);
    return { batchItemFailures: [] };
  } finally {
    endInvocation();
  }
};

/** The filter of the trigger lets nothing else through; a false alarm would cost more than this second look. */
const isTampering = ({ eventName, userIdentity }: DynamoDBRecord): boolean =>
  eventName === "MODIFY" || (eventName === "REMOVE" && userIdentity?.principalId !== timeToLive);

/** Who removes what has expired. */
const timeToLive = "dynamodb.amazonaws.com";

/** The sort key of a reference ends in the id of a user, so no key is told as it is. */
const describe = ({ eventName, dynamodb }: DynamoDBRecord, requestId: string) => {
  const { pk, sk } = dynamodb?.Keys ?? {};
  const { id, isReference } = eventOfKey({ pk: pk?.S ?? "", sk: sk?.S ?? "" });
  const seconds = dynamodb?.ApproximateCreationDateTime;
  return {
    requestId,
    change: eventName === "MODIFY" ? ("changed" as const) : ("removed" as const),
    eventId: id,
    isReference,
    at: seconds === undefined ? undefined : new Date(seconds * 1000).toISOString(),
  };
};
