import { Metrics } from "@aws-lambda-powertools/metrics";
import { dimensionOf, type Measure, metricNamespace, metrics } from "../model/metric.ts";
import type { Telemetry } from "../provisioning/ports/telemetry.ts";
import { afterInvocation } from "./after-invocation.ts";

/** A process that is killed loses no more than this. */
const longestHeldMs = 5_000;

/**
 * Figures as lines of CloudWatch's embedded metric format on stdout, of which CloudWatch makes metrics in the namespace
 * `Usher` with the dimension `service`. What happened is added up and written at the end of the invocation, and every five
 * seconds until then; levels are written at once.
 */
export const createCloudWatchFigures = (service: string): Telemetry => {
  const line = new Metrics({ namespace: metricNamespace, serviceName: service });
  let held: Measure[] = [];
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const lines = Map.groupBy(held, ({ metric, of }) => of && `${dimensionOf(metric)} ${of}`);
    held = [];
    for (const measures of lines.values()) writeLine(line, measures);
  };

  return {
    record(measures) {
      held.push(...measures);
      if (measures.some(({ metric }) => metrics[metric].kind === "level")) return flush();
      timer ??= setTimeout(flush, longestHeldMs).unref();
      afterInvocation(flush);
    },
  };
};

/** One line for all figures of one value of a dimension, or for all that have none. */
const writeLine = (line: Metrics, measures: readonly Measure[]): void => {
  for (const { metric, of } of measures.slice(0, 1)) {
    const by = dimensionOf(metric);
    if (by && of) line.addDimension(by, of);
  }
  for (const [metric, told] of Map.groupBy(measures, (one) => one.metric)) {
    const { kind, unit } = metrics[metric];
    const values = told.map(({ value }) => value);
    const sum = values.reduce((total, value) => total + value, 0);
    for (const value of kind === "count" ? [sum] : values) line.addMetric(metric, unit, value);
  }
  line.publishStoredMetrics();
};
