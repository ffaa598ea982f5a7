import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  type IFunction,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Resources } from "./access.ts";
import { streamArnOf } from "./tables.ts";
import { addFunction } from "./usher-function.ts";

/** A Lambda that writes events may put one over another, which no condition of IAM prevents. */
const isChanged = FilterCriteria.filter({ eventName: FilterRule.isEqual("MODIFY") });

/** What has expired is removed by DynamoDB itself; of anybody else the stream tells no identity. */
const isRemovedBySomebody = FilterCriteria.filter({
  eventName: FilterRule.isEqual("REMOVE"),
  userIdentity: {
    principalId: [...FilterRule.notExists(), ...FilterRule.notEquals("dynamodb.amazonaws.com")],
  },
});

/** Tells of events that were changed, or removed before they expired, which nothing in the stack does. */
export const addEventWatch = (scope: Construct, resources: Resources): IFunction => {
  const { events, queues } = resources;
  const handler = addFunction(
    scope,
    {
      name: "report-tampering",
      description: "Tells of events that were changed, or removed before they expired",
      access: { eventChanges: true },
    },
    resources,
  );
  new EventSourceMapping(scope, "EventChanges", {
    target: handler,
    eventSourceArn: streamArnOf(events),
    // What happens while the trigger is being made is not missed.
    startingPosition: StartingPosition.TRIM_HORIZON,
    filters: [isChanged, isRemovedBySomebody],
    batchSize: 100,
    // A record that cannot be taken ends among the dead letters, which alarms as well, and holds up none behind it.
    retryAttempts: 3,
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    onFailure: { bind: () => ({ destination: queues.deadLetters.queueArn }) },
  });
  return handler;
};
