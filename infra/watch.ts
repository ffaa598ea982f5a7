import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { watchState } from "../functions/state-access.ts";
import type { Resources } from "./access.ts";
import { addFunction } from "./usher-function.ts";

/** Once a minute, records how the integrations stand, and tells people what needs them. */
export const addWatch = (scope: Construct, resources: Resources): IFunction => {
  const handler = addFunction(
    scope,
    {
      name: "watch-integrations",
      description: "Each minute: records what needs a person, and tells people of it",
      access: { state: watchState, notices: true },
      // The next minute is the retry.
      overrides: { retryAttempts: 0, maxEventAge: Duration.minutes(1) },
    },
    resources,
  );
  new Rule(scope, "WatchEachMinute", {
    description: "Wakes the watch over what needs a person",
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaFunction(handler, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
  });
  return handler;
};
