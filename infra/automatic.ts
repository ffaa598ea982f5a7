import { Duration } from "aws-cdk-lib";
import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  type IFunction,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { dispatchState, workerState } from "../functions/state-access.ts";
import type { Resources } from "./access.ts";
import type { Settings } from "./settings.ts";
import { streamArnOf } from "./tables.ts";
import { addFunction } from "./usher-function.ts";
import { workerTimeout } from "./work-queues.ts";

type AutomaticSettings = Pick<Settings, "workers">;

/**
 * What carries a change of the directory out by itself: the stream of the state table triggers the dispatch, the dispatch
 * wakes workers by the queue. Both find their work in the table, so the sweep of each minute heals what is lost here.
 */
export const addAutomatic = (
  scope: Construct,
  settings: AutomaticSettings,
  resources: Resources,
): { dispatch: IFunction; worker: IFunction } => ({
  dispatch: addDispatch(scope, resources),
  worker: addWorker(scope, settings, resources),
});

/**
 * Items that bear the mark of a change, or name a job that was begun. Dispatch takes the mark away, so what it writes does
 * not trigger it again.
 */
const bearsChange = FilterCriteria.filter({
  eventName: FilterRule.or("INSERT", "MODIFY"),
  dynamodb: { NewImage: { workPk: { S: FilterRule.or("CHANGED", "JOBS") } } },
});

const addDispatch = (scope: Construct, resources: Resources): IFunction => {
  const handler = addFunction(
    scope,
    {
      name: "dispatch-changes",
      description: "Makes changes of the directory due at every integration, and wakes the workers",
      access: { state: dispatchState, events: "put", wakeUps: ["send"], changes: true },
    },
    resources,
  );
  const { state, queues } = resources;
  new EventSourceMapping(scope, "Changes", {
    target: handler,
    eventSourceArn: streamArnOf(state),
    // What is written while the trigger is being made is not missed.
    startingPosition: StartingPosition.TRIM_HORIZON,
    filters: [bearsChange],
    batchSize: 50,
    // The order of changes tells nothing: what is wanted is read from the table.
    parallelizationFactor: 10,
    // Without these, one record that cannot be taken would stop its shard for a day.
    retryAttempts: 3,
    maxRecordAge: Duration.hours(1),
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    onFailure: { bind: () => ({ destination: queues.deadLetters.queueArn }) },
  });
  return handler;
};

const addWorker = (scope: Construct, { workers }: AutomaticSettings, resources: Resources): IFunction => {
  const handler = addFunction(
    scope,
    {
      name: "drain-integration",
      description: "Works on what is due at one integration",
      access: {
        state: workerState,
        rehearses: true,
        events: "put",
        secrets: ["read"],
        wakeUps: ["send", "consume"],
      },
      overrides: { timeout: workerTimeout },
    },
    resources,
  );
  new EventSourceMapping(scope, "WakeUpsOfWorkers", {
    target: handler,
    eventSourceArn: resources.queues.wakeUps.queueArn,
    batchSize: 1,
    maxConcurrency: workers,
    reportBatchItemFailures: true,
  });
  return handler;
};
