import { Duration, Stack } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { Metric as CloudWatchMetric, MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { type Metric, metricNamespace, metrics, stackDimension } from "../shared/model/metric.ts";
import type { Resources } from "./access.ts";
import type { DeployedTable } from "./tables.ts";

/** What alarms and dashboard look at. `recovery`, `dispatch`, … are the Lambdas behind no route. */
export type Watched = Pick<Resources, "state" | "events" | "queues"> & {
  api: HttpApi;
  recovery: IFunction;
  dispatch: IFunction;
  worker: IFunction;
  watch: IFunction;
  eventWatch: IFunction;
};

export const minutes = (count: number): { period: Duration } => ({ period: Duration.minutes(count) });

const statistics = { count: Stats.SUM, spread: Stats.p(95), level: Stats.MAXIMUM };

/** A figure of the service itself, over all, under the name and the dimension that its Lambdas give it. */
export const ownMetric = (
  scope: Construct,
  name: Metric,
  { period, statistic = statistics[metrics[name].kind] }: { period: Duration; statistic?: string },
): CloudWatchMetric =>
  new CloudWatchMetric({
    namespace: metricNamespace,
    metricName: name,
    dimensionsMap: { [stackDimension]: Stack.of(scope).stackName },
    statistic,
    period,
  });

/** Requests that a table refused because of its own limits, or of one of its indexes. */
const throttled = ({ table }: DeployedTable, operation: string, period: Duration): CloudWatchMetric =>
  new CloudWatchMetric({
    namespace: "AWS/DynamoDB",
    metricName: "ThrottledRequests",
    dimensionsMap: { TableName: table.tableName, Operation: operation },
    statistic: Stats.SUM,
    period,
  });

/** Of the two tables, for the operations that matter most: CloudWatch has no figure over all of them. */
export const throttledRequests = ({ state, events }: Watched, period: Duration): CloudWatchMetric[] => [
  ...["GetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"].map((operation) =>
    throttled(state, operation, period),
  ),
  ...["PutItem", "Query"].map((operation) => throttled(events, operation, period)),
];

/** The sum of up to ten metrics, where what is missing counts as nothing. */
export const sumOf = (label: string, list: CloudWatchMetric[], period: Duration): MathExpression => {
  const usingMetrics = Object.fromEntries(list.map((metric, at) => [`m${at}`, metric]));
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(" + ");
  return new MathExpression({ label, expression, usingMetrics, period });
};
