import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type Metric, metrics } from "../../shared/model/metric.ts";
import { endInvocation } from "../../shared/telemetry/after-invocation.ts";
import { createCloudWatchFigures } from "../../shared/telemetry/cloudwatch-figures.ts";
import { plain, synthesize } from "./support.ts";

type Watched = { namespace: string; name: string; dimensions: Record<string, string> };
type Described = {
  Namespace: string;
  MetricName: string;
  Dimensions?: { Name: string; Value: unknown }[];
};
type Rule = Described & {
  AlarmDescription: string;
  AlarmActions: unknown[];
  OKActions?: unknown[];
  ComparisonOperator: string;
  Threshold: number;
  TreatMissingData: string;
  Period?: number;
  EvaluationPeriods: number;
  DatapointsToAlarm: number;
  Metrics?: { Id: string; MetricStat?: { Metric: Described }; Expression?: string }[];
};

const stage = "prod";
const { template } = synthesize({ stage });
const alarms = new Map<string, Rule>(
  Object.entries(template.findResources("AWS::CloudWatch::Alarm")).map(([id, { Properties: properties }]) => [
    id.slice(0, -8),
    properties,
  ]),
);

/** Every metric that an alarm looks at, one by one. */
const metricsOf = (rule: Rule): Described[] =>
  rule.Metrics?.flatMap(({ MetricStat: one }) => one?.Metric ?? []) ?? [rule];

const watched = ({ Namespace, MetricName, Dimensions = [] }: Described): Watched => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, plain(Value)])),
});

/** What CloudWatch makes of the lines that the Lambdas of a stack write for every figure that there is. */
const emitted = (service: string): Watched[] => {
  const written: string[] = [];
  const output = vi
    .spyOn(process.stdout, "write")
    .mockImplementation((text) => written.push(String(text)) > 0);
  const figures = createCloudWatchFigures(service);
  for (const metric of Object.keys(metrics) as Metric[])
    figures.record([
      { metric, value: 1 },
      ...("by" in metrics[metric] ? [{ metric, value: 1, of: "one" }] : []),
    ]);
  endInvocation();
  output.mockRestore();
  return written.flatMap((line) => {
    const { _aws, ...values } = JSON.parse(line);
    return _aws.CloudWatchMetrics.flatMap(
      (set: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }) =>
        set.Metrics.flatMap(({ Name: name }) =>
          set.Dimensions.map((names) => ({
            namespace: set.Namespace,
            name,
            dimensions: Object.fromEntries(names.map((one) => [one, values[one]])),
          })),
        ),
    );
  });
};
const own = emitted(`usher-${stage}`);

afterAll(() => vi.restoreAllMocks());

/** Names and dimensions from the documents of each service. */
const ofAws: Record<string, { names: string[]; dimensions: string[] }> = {
  "AWS/Lambda": {
    names: ["Errors", "Throttles", "Invocations", "IteratorAge"],
    dimensions: ["FunctionName"],
  },
  "AWS/SQS": { names: ["ApproximateNumberOfMessagesVisible"], dimensions: ["QueueName"] },
  "AWS/ApiGateway": { names: ["5xx"], dimensions: ["ApiId"] },
  "AWS/DynamoDB": { names: ["ThrottledRequests"], dimensions: ["TableName", "Operation"] },
};

for (const [name, rule] of alarms)
  test(`${name} looks at figures that there are`, () => {
    for (const one of metricsOf(rule).map(watched)) {
      if (one.namespace === "Usher") {
        expect(own).toContainEqual(one);
        continue;
      }
      expect(ofAws[one.namespace]?.names).toContain(one.name);
      expect(Object.keys(one.dimensions).sort()).toEqual(ofAws[one.namespace]?.dimensions.toSorted());
    }
  });

/** Whether an alarm of one metric would go off at a value. */
const isRaisedAt = ({ ComparisonOperator: operator, Threshold: threshold }: Rule, value: number): boolean => {
  if (operator === "GreaterThanThreshold") return value > threshold;
  if (operator === "LessThanThreshold") return value < threshold;
  throw new Error(`${operator} is not known here`);
};

const levels: [string, number, number, string][] = [
  ["AccessOpen", 0, 1, "ignore"],
  ["NeedsReauth", 0, 1, "ignore"],
  ["Quarantined", 0, 1, "ignore"],
  ["HoldsWaiting", 0, 1, "ignore"],
  ["OldestDue", 900, 901, "ignore"],
  ["EventsTampered", 0, 1, "notBreaching"],
  ["WatchStopped", 1, 0, "breaching"],
  ["RecoveryStopped", 1, 0, "breaching"],
  ["RecoveryFails", 0, 1, "notBreaching"],
  ["DispatchLate", 300_000, 300_001, "notBreaching"],
  ["DeadLettersArrived", 0, 1, "notBreaching"],
  ["ApiFails", 5, 6, "notBreaching"],
  ["LambdaErrors", 0, 1, "notBreaching"],
  ["LambdaThrottles", 0, 1, "notBreaching"],
  ["TablesThrottled", 10, 11, "notBreaching"],
];

test("these are all alarms", () => {
  expect([...alarms.keys()].sort()).toEqual(levels.map(([name]) => name).sort());
});

for (const [name, fine, wrong, missing] of levels)
  test(`${name} goes off at ${wrong} and not at ${fine}, and where there are no data is ${missing}`, () => {
    const rule = alarms.get(name) as Rule;
    expect([isRaisedAt(rule, fine), isRaisedAt(rule, wrong)]).toEqual([false, true]);
    expect(rule.TreatMissingData).toBe(missing);
  });

test("open access is told at the first minute that shows it", () => {
  expect(alarms.get("AccessOpen")).toMatchObject({ Period: 60, EvaluationPeriods: 1, DatapointsToAlarm: 1 });
});

test("each alarm says what it means, and names its section of the runbook", () => {
  for (const [name, { AlarmDescription: text }] of alarms) {
    expect(text).toMatch(new RegExp(`^[A-Z].{40,}\\. See docs/runbook\\.md#${name.toLowerCase()}$`));
    expect(text.length).toBeLessThanOrEqual(1024);
  }
});

test("each alarm is told when it begins and when it ends, but for the end that would sound as if all were well", () => {
  for (const [name, { AlarmActions, OKActions }] of alarms) {
    expect(AlarmActions).toHaveLength(1);
    expect([name, OKActions]).toEqual([name, name === "EventsTampered" ? undefined : AlarmActions]);
  }
});

describe("a sum of several metrics", () => {
  const expressionsOf = (name: string) =>
    alarms.get(name)?.Metrics?.flatMap(({ Expression: one }) => one ?? []) as string[];

  test("has no more of them than CloudWatch takes in an alarm", () => {
    for (const rule of alarms.values()) expect(metricsOf(rule).length).toBeLessThanOrEqual(10);
  });

  test("counts what is missing as nothing", () => {
    for (const name of ["LambdaErrors", "LambdaThrottles", "TablesThrottled"]) {
      const ids = alarms.get(name)?.Metrics?.filter((one) => one.MetricStat && /^m\d+$/.test(one.Id)) ?? [];
      expect(ids.length).toBeGreaterThan(3);
      for (const { Id } of ids) expect(expressionsOf(name).join()).toContain(`FILL(${Id}, 0)`);
    }
  });

  test("has data each minute for the tables, so that the alarm ends", () => {
    expect(expressionsOf("TablesThrottled")).toContain("requests + 0 * runs");
    const runs = alarms.get("TablesThrottled")?.Metrics?.find(({ Id }) => Id === "runs")?.MetricStat;
    expect(runs?.Metric.MetricName).toBe("Invocations");
  });

  test("is over every Lambda behind no route", () => {
    const functionsOf = (name: string) =>
      metricsOf(alarms.get(name) as Rule).map((one) =>
        watched(one).dimensions.FunctionName?.replace(/^<(.*)Function\w{8}>$/, "$1"),
      );
    const others = ["dispatchchanges", "drainintegration", "watchintegrations", "reporttampering"];
    expect(functionsOf("LambdaErrors")).toEqual(others);
    expect(functionsOf("LambdaThrottles").sort()).toEqual([...others, "recoverattempts"].sort());
  });
});

test("the docs tell what all of them cost", () => {
  const count = [...alarms.values()].flatMap(metricsOf).length;
  const docs = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
  expect(docs).toContain(`${alarms.size} alarms over ${count} metrics (${(count * 0.1).toFixed(2)})`);
});
