import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { recoveryState } from "../functions/state-access.ts";
import type { Resources } from "./access.ts";
import type { Settings } from "./settings.ts";
import { addFunction } from "./usher-function.ts";

type RecoverySettings = Pick<Settings, "recoveryConcurrency">;

/**
 * Once a minute, settles the attempts that a stopped Lambda left behind, and finds work that nobody was woken for.
 */
export const addRecovery = (
  scope: Construct,
  settings: RecoverySettings,
  resources: Resources,
): IFunction => {
  const handler = addFunction(
    scope,
    {
      name: "recover-attempts",
      description: "Each minute: settles attempts that were cut off, and finds work that was left",
      access: {
        state: recoveryState,
        events: "put",
        secrets: ["read", "describe", "delete"],
        wakeUps: ["send"],
      },
      overrides: {
        // One at a time. Leases keep two sweeps from harm anyway, so an account without spare quota may give this up.
        ...(settings.recoveryConcurrency > 0
          ? { reservedConcurrentExecutions: settings.recoveryConcurrency }
          : {}),
        // The next minute is the retry; a wake-up that waited longer than that is dropped.
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      },
    },
    resources,
  );
  new Rule(scope, "EachMinute", {
    description: "Wakes the recovery of attempts that were cut off",
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaFunction(handler, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
  });
  return handler;
};
