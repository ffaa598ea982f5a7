import { Duration, type Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { minutes, ownMetric, sumOf, throttledRequests, type Watched } from "./watched.ts";

const { BREACHING, NOT_BREACHING, IGNORE } = TreatMissingData;

/**
 * One alarm: above or below a figure in so many (1) of the last so many (1) periods. `missing`: what no data mean. Of a level
 * they mean that nobody has looked, so it stays as it was, and `WatchStopped` tells.
 */
type Rule = {
  text: string;
  metric: IMetric;
  above?: number;
  below?: number;
  inPeriods?: [number, number];
  missing: TreatMissingData;
  /** False where the end of the alarm would sound as if all were well. */
  tellsEnd?: boolean;
};

/**
 * Every alarm of the stack, each with its section in docs/runbook.md, and told to the topic when it begins and when it ends. An
 * alarm costs 0.10 USD a month for each metric that it looks at, so none is for one Lambda or one integration.
 */
export const addAlarms = (stack: Stack, watched: Watched, topic: ITopic): Alarm[] => {
  const rules = { ...rulesOfPeople(stack), ...rulesOfWork(stack, watched), ...rulesOfAws(watched) };
  const action = new SnsAction(topic);
  return Object.entries<Rule>(rules).map(([name, rule]) => {
    const alarm = addAlarm(stack, name, rule);
    alarm.addAlarmAction(action);
    if (rule.tellsEnd !== false) alarm.addOkAction(action);
    return alarm;
  });
};

const addAlarm = (stack: Stack, name: string, rule: Rule): Alarm => {
  const [datapointsToAlarm, evaluationPeriods] = rule.inPeriods ?? [1, 1];
  return new Alarm(stack, name, {
    alarmDescription: `${rule.text} See docs/runbook.md#${name.toLowerCase()}`,
    metric: rule.metric,
    threshold: rule.above ?? rule.below ?? 0,
    comparisonOperator:
      rule.below === undefined
        ? ComparisonOperator.GREATER_THAN_THRESHOLD
        : ComparisonOperator.LESS_THAN_THRESHOLD,
    datapointsToAlarm,
    evaluationPeriods,
    treatMissingData: rule.missing,
  });
};

/** What needs a person, as the watch of each minute finds it. */
const rulesOfPeople = (stack: Stack) =>
  ({
    AccessOpen: {
      text: "Somebody who was to lose access to an application may still have it, beyond the time that the policy of the integration allows.",
      // A minute to look, and at most two for the figure to arrive: told within five.
      metric: ownMetric(stack, "AccessOpen", minutes(1)),
      above: 0,
      missing: IGNORE,
    },
    NeedsReauth: {
      text: "The credentials of an integration are refused. Nothing is sent to its service provider until they are replaced.",
      metric: ownMetric(stack, "NeedsReauth", minutes(5)),
      above: 0,
      missing: IGNORE,
    },
    Quarantined: {
      text: "The service provider of an integration fails whatever is sent, so that it is asked from time to time only.",
      metric: ownMetric(stack, "Quarantined", minutes(5)),
      above: 0,
      missing: IGNORE,
    },
    HoldsWaiting: {
      text: "The guard holds changes that would take access from many people at once, until somebody approves or rejects them.",
      metric: ownMetric(stack, "HoldsWaiting", minutes(5)),
      above: 0,
      missing: IGNORE,
    },
    EventsTampered: {
      text: "An audit event was changed, or removed before it expired, which nothing in this stack does. Which one is in the log of report-tampering.",
      metric: ownMetric(stack, "EventsTampered", minutes(5)),
      above: 0,
      missing: NOT_BREACHING,
      // It ends when no further one follows, and the first is still as wrong as it was.
      tellsEnd: false,
    },
  }) satisfies Record<string, Rule>;

/** Whether the work goes on that the service does by itself. */
const rulesOfWork = (stack: Stack, { queues, recovery, dispatch }: Watched) =>
  ({
    OldestDue: {
      text: "Work has been due at an integration for more than 15 minutes and is not done.",
      metric: ownMetric(stack, "OldestDue", minutes(5)),
      above: Duration.minutes(15).toSeconds(),
      missing: IGNORE,
    },
    WatchStopped: {
      text: "Nobody has looked for 5 minutes at what needs a person: no message and no alarm about access, credentials, holds or work can be relied on.",
      metric: ownMetric(stack, "AccessOpen", { ...minutes(5), statistic: "SampleCount" }),
      below: 1,
      missing: BREACHING,
    },
    RecoveryFails: {
      text: "The recovery of attempts that were cut off ended in an error in two of three periods of 5 minutes.",
      metric: recovery.metricErrors(minutes(5)),
      above: 0,
      inPeriods: [2, 3],
      missing: NOT_BREACHING,
    },
    RecoveryStopped: {
      text: "The recovery of attempts that were cut off has not run for 15 minutes.",
      metric: recovery.metricInvocations(minutes(15)),
      below: 1,
      missing: BREACHING,
    },
    DispatchLate: {
      text: "Changes of the directory waited for their dispatch for more than 5 minutes, three times in a row.",
      metric: dispatch.metric("IteratorAge", { ...minutes(5), statistic: "Maximum" }),
      above: Duration.minutes(5).toMilliseconds(),
      inPeriods: [3, 3],
      missing: NOT_BREACHING,
    },
    DeadLettersArrived: {
      text: "A wake-up or a record of a stream could not be taken three times over, which means a bug. No work is lost: it is in the state table. Where the record is of the events table, an event may have been changed without EventsTampered.",
      metric: queues.deadLetters.metricApproximateNumberOfMessagesVisible(minutes(5)),
      above: 0,
      missing: NOT_BREACHING,
    },
  }) satisfies Record<string, Rule>;

/** Whether AWS does its part. */
const rulesOfAws = (watched: Watched) => {
  const { api, recovery, dispatch, worker, watch, eventWatch } = watched;
  const { period } = minutes(5);
  return {
    ApiFails: {
      text: "More than 5 calls were answered with a 5xx in each of two of three periods of 5 minutes. The access log tells by which route and status.",
      metric: api.metricServerError({ period, statistic: "Sum" }),
      above: 5,
      inPeriods: [2, 3],
      missing: NOT_BREACHING,
    },
    LambdaErrors: {
      text: "A Lambda behind no route ended in an error or ran out of time in two of three periods of 5 minutes. Those behind the API show as ApiFails.",
      metric: sumOf(
        "Errors",
        [dispatch, worker, watch, eventWatch].map((one) => one.metricErrors({ period })),
        period,
      ),
      above: 0,
      inPeriods: [2, 3],
      missing: NOT_BREACHING,
    },
    LambdaThrottles: {
      text: "A Lambda behind no route was not let run in two of three periods of 5 minutes: the account allows no more at a time. Those behind the API show as ApiFails.",
      metric: sumOf(
        "Throttles",
        [recovery, dispatch, worker, watch, eventWatch].map((one) => one.metricThrottles({ period })),
        period,
      ),
      above: 0,
      inPeriods: [2, 3],
      missing: NOT_BREACHING,
    },
    TablesThrottled: {
      text: "A table refused more than 10 requests in each of two of three periods of 5 minutes. They were tried again, and what was left of them is done later.",
      metric: throttledWithEnd(watched, period),
      above: 10,
      inPeriods: [2, 3],
      missing: NOT_BREACHING,
    },
  } satisfies Record<string, Rule>;
};

/**
 * DynamoDB tells of throttling while there is some, and alarms on its metrics keep their state where there are no data,
 * whatever they are told: they would never end. The runs of the recovery, times nothing, give data for each period.
 */
const throttledWithEnd = (watched: Watched, period: Duration): IMetric =>
  new MathExpression({
    label: "Throttled requests",
    expression: "requests + 0 * runs",
    usingMetrics: {
      requests: sumOf("Throttled requests", throttledRequests(watched, period), period),
      runs: watched.recovery.metricInvocations({ period }),
    },
    period,
  });
