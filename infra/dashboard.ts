import { Aws, type Stack } from "aws-cdk-lib";
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  SingleValueWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Function as Lambda } from "aws-cdk-lib/aws-lambda";
import { dimensionOf, type Metric, metricNamespace, stackDimension } from "../shared/model/metric.ts";
import { minutes, ownMetric, throttledRequests, type Watched } from "./watched.ts";

type Shown = Watched & { url: string; alarms: Alarm[] };

/** One page for who is on call: what needs a person first, then the work, then what AWS does for it. */
export const addDashboard = (stack: Stack, shown: Shown): void => {
  new Dashboard(stack, "Dashboard", {
    // Names of dashboards hold for all regions of an account.
    dashboardName: `${stack.stackName}-${Aws.REGION}`,
    widgets: [
      [new TextWidget({ markdown: linksOf(stack, shown), width: 24, height: 4 })],
      [new AlarmStatusWidget({ title: "Alarms", alarms: shown.alarms, width: 24, height: 4 })],
      needsPerson(stack),
      perIntegration(stack),
      attempts(stack),
      work(shown),
      calls(stack, shown),
      lambdas(stack),
      tables(shown),
    ],
  });
};

const linksOf = (stack: Stack, { url, events, queues }: Shown): string => {
  const home = `https://${Aws.REGION}.console.aws.amazon.com`;
  const queue = `${home}/sqs/v3/home?region=${Aws.REGION}#/queues/https%3A%2F%2Fsqs.${Aws.REGION}.${Aws.URL_SUFFIX}%2F${Aws.ACCOUNT_ID}%2F${queues.deadLetters.queueName}`;
  return [
    `## ${stack.stackName}`,
    `API: ${url}. What an alarm means and what to do: its section of \`docs/runbook.md\`, which its description names.`,
    [
      // Lambdas and access log alike: the name of the stack is in those of their groups.
      `[Logs](${home}/cloudwatch/home?region=${Aws.REGION}#logsV2:log-groups$3FlogGroupNameFilter$3D${stack.stackName})`,
      `[Dead letters](${queue})`,
      `[Events](${home}/dynamodbv2/home?region=${Aws.REGION}#item-explorer?table=${events.table.tableName})`,
    ].join(" · "),
  ].join("\n\n");
};

const third = { width: 8, height: 6 };

const graph = (title: string, left: IMetric[], right: IMetric[] = []): IWidget =>
  new GraphWidget({ title, left, right, ...third, leftYAxis: { min: 0 }, rightYAxis: { min: 0 } });

const needsPerson = (stack: Stack): IWidget[] => {
  const level = (name: Metric) => ownMetric(stack, name, minutes(5));
  return [
    new SingleValueWidget({
      title: "Needs a person",
      metrics: [
        level("AccessOpen"),
        level("NeedsReauth"),
        level("Quarantined"),
        level("HoldsWaiting"),
        level("CredentialsExpiring"),
        level("OldestDue"),
      ],
      width: 16,
      height: 4,
    }),
    new SingleValueWidget({
      title: "Events that were changed or removed",
      metrics: [level("EventsTampered")],
      setPeriodToTimeRange: true,
      width: 8,
      height: 4,
    }),
  ];
};

/** A line for each value of the metric's own dimension that there has been. Alarms take no search, so here alone. */
const searched = (stack: Stack, name: Metric, statistic: string): MathExpression => {
  const by = dimensionOf(name);
  const wanted = `{${metricNamespace},${stackDimension},${by}} MetricName="${name}" ${stackDimension}="${stack.stackName}"`;
  return new MathExpression({
    expression: `SEARCH('${wanted}', '${statistic}', 300)`,
    label: "",
    ...minutes(5),
  });
};

const perIntegration = (stack: Stack): IWidget[] => [
  graph("Access open, by integration", [searched(stack, "AccessOpen", "Maximum")]),
  graph("Oldest due (seconds), by integration", [searched(stack, "OldestDue", "Maximum")]),
  graph("Quarantined, by integration", [searched(stack, "Quarantined", "Maximum")]),
];

const attempts = (stack: Stack): IWidget[] => [
  graph("Attempts, and those that failed", [
    ownMetric(stack, "Attempts", minutes(5)),
    ownMetric(stack, "Failures", minutes(5)),
  ]),
  graph("Failures, by code", [searched(stack, "Failures", "Sum")]),
  graph(
    "Service providers: latency (ms), answers that ask to wait (right)",
    ["p50", "p95", "p99"].map((statistic) =>
      ownMetric(stack, "ProviderLatency", { ...minutes(5), statistic }),
    ),
    [ownMetric(stack, "ProviderThrottles", minutes(5))],
  ),
];

const work = ({ queues, dispatch, eventWatch, recovery, watch }: Shown): IWidget[] => [
  graph(
    "Wake-ups that wait, age of the oldest in seconds (right)",
    [queues.wakeUps.metricApproximateNumberOfMessagesVisible(minutes(5))],
    [queues.wakeUps.metricApproximateAgeOfOldestMessage(minutes(5))],
  ),
  graph("Dead letters", [queues.deadLetters.metricApproximateNumberOfMessagesVisible(minutes(5))]),
  graph(
    "Age of streams (ms), runs of each minute (right)",
    [
      dispatch.metric("IteratorAge", { ...minutes(5), statistic: "Maximum", label: "Changes" }),
      eventWatch.metric("IteratorAge", { ...minutes(5), statistic: "Maximum", label: "Events" }),
    ],
    [
      recovery.metricInvocations({ ...minutes(5), label: "Recovery" }),
      watch.metricInvocations({ ...minutes(5), label: "Watch" }),
    ],
  ),
];

const calls = (stack: Stack, { api }: Shown): IWidget[] => [
  graph(
    "Calls, and tokens of identity providers that were refused (right)",
    [api.metricCount({ ...minutes(5), statistic: "Sum" })],
    [ownMetric(stack, "TokensRefused", minutes(5))],
  ),
  graph(
    "Calls answered with 4xx, and with 5xx",
    [api.metricClientError, api.metricServerError].map((metric) =>
      metric.call(api, { ...minutes(5), statistic: "Sum" }),
    ),
  ),
  graph(
    "Time to an answer (ms)",
    ["p50", "p95", "p99"].map((statistic) =>
      api.metricLatency({ ...minutes(5), statistic, label: statistic }),
    ),
  ),
];

/** Every Lambda of the stack, by its name in `functions/`. */
const lambdas = (stack: Stack): IWidget[] => {
  const all = stack.node.findAll().filter((one): one is Lambda => one instanceof Lambda);
  const of = (metric: (one: Lambda, label: string) => IMetric) =>
    all.map((one) => metric(one, one.node.scope?.node.id ?? one.node.id));
  return [
    graph(
      "Lambda: errors",
      of((one, label) => one.metricErrors({ ...minutes(5), label })),
    ),
    graph(
      "Lambda: throttles",
      of((one, label) => one.metricThrottles({ ...minutes(5), label })),
    ),
    graph(
      "Lambda: longest run (ms)",
      of((one, label) => one.metricDuration({ ...minutes(5), statistic: "Maximum", label })),
    ),
  ];
};

const tables = (shown: Shown): IWidget[] => {
  const { period } = minutes(5);
  return [
    graph("Tables: requests that were refused", throttledRequests(shown, period)),
    ...[shown.state, shown.events].map(({ table }, at) =>
      graph(
        `${at === 0 ? "State" : "Events"}: units read, and written (right)`,
        [table.metricConsumedReadCapacityUnits({ period })],
        [table.metricConsumedWriteCapacityUnits({ period })],
      ),
    ),
  ];
};
