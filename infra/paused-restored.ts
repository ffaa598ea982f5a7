import { CustomResource, Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { lifecycleState } from "../functions/state-access.ts";
import { stateTable } from "../shared/aws/table/tables.ts";
import type { Resources } from "./access.ts";
import type { Settings } from "./settings.ts";
import { namedTable, streamArnOf } from "./tables.ts";
import { addFunction } from "./usher-function.ts";

const timeout = Duration.minutes(14);

/**
 * Where the state table is one that was named: the same resources, with a state table that every other Lambda is told of only
 * once all integrations in it are paused. So nothing is sent before somebody has looked, however late that is.
 */
export const pausedIfRestored = <R extends Resources & { settings: Pick<Settings, "tables"> }>(
  scope: Construct,
  resources: R,
): R => {
  if (!("name" in resources.settings.tables.state)) return resources;
  const { tableName } = resources.state.table;
  const pause = new CustomResource(scope, "PauseRestored", {
    serviceToken: addHandler(scope, resources),
    resourceType: "Custom::UsherPause",
    serviceTimeout: timeout,
    properties: { TableName: tableName },
  });
  const paused = { tableName: pause.getAttString("TableName"), tableStreamArn: streamArnOf(resources.state) };
  return { ...resources, state: namedTable(scope, "PausedStateTable", stateTable, paused) };
};

/** The ARN of the Lambda. */
const addHandler = (scope: Construct, resources: Resources): string =>
  addFunction(
    scope,
    {
      name: "pause-restored",
      description: "When the stack adopts a state table: pauses the integrations in it",
      access: {
        state: { ...lifecycleState, query: ["integrations"] },
        events: "put",
        secrets: ["describe", "delete"],
      },
      statements: [
        new PolicyStatement({
          actions: ["cloudformation:DescribeStacks"],
          resources: [Stack.of(scope).stackId],
        }),
      ],
      overrides: { timeout },
    },
    resources,
  ).functionArn;
