import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { dimensionOf, type Measure, type Metric, metrics } from "../../shared/model/metric.ts";
import type { Telemetry } from "../../shared/provisioning/ports/telemetry.ts";

/** The figures of this process. */
export type LocalFigures = Telemetry & {
  contentType: string;
  /** All of them in OpenMetrics text. */
  text(): Promise<string>;
};

/** A level that nobody has told for so long is unknown. */
const knownForMs = 5 * 60_000;
const latencyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Figures for `GET /metrics`, under the names of CloudWatch as Prometheus writes them, e.g. `usher_provider_latency_seconds`.
 * A metric with a dimension has its values alone: the figure over all is their sum, or the largest of ages.
 */
export const createLocalFigures = (now: () => number = Date.now): LocalFigures => {
  const registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const names = (Object.keys(metrics) as Metric[]).filter((name) => !("isOfAwsAlone" in metrics[name]));
  const makers = { count: openCount, spread: openSpread, level: openLevel };
  const tellers = new Map(names.map((name) => [name, makers[metrics[name].kind](name, registry)]));
  const toldAt = new Map<Metric, number>();
  const isKnown = (name: Metric) => now() - (toldAt.get(name) ?? Number.NEGATIVE_INFINITY) <= knownForMs;

  return {
    record(measures) {
      for (const [name, told] of Map.groupBy(measures, ({ metric }) => metric)) {
        tellers.get(name)?.(told);
        toldAt.set(name, now());
      }
    },
    contentType: registry.contentType,
    text() {
      for (const [name, tell] of tellers) if (metrics[name].kind === "level" && !isKnown(name)) tell([]);
      return registry.metrics();
    },
  };
};

/** Takes all that is told of a metric at once. */
type Teller = (measures: readonly Measure[]) => void;
type Registers = Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>;

const openCount = (name: Metric, registry: Registers): Teller => {
  const counter = new Counter({ ...describe(name), registers: [registry] });
  return (measures) => {
    for (const { value, labels } of shown(name, measures)) counter.inc(labels, value);
  };
};

const openSpread = (name: Metric, registry: Registers): Teller => {
  const histogram = new Histogram({ ...describe(name), buckets: latencyBuckets, registers: [registry] });
  return (measures) => {
    for (const { value, labels } of shown(name, measures)) histogram.observe(labels, value / 1000);
  };
};

/** What is not told any more is not there any more. */
const openLevel = (name: Metric, registry: Registers): Teller => {
  const gauge = new Gauge({ ...describe(name), registers: [registry] });
  return (measures) => {
    if (dimensionOf(name)) gauge.reset();
    else gauge.remove();
    for (const { value, labels } of shown(name, measures)) gauge.set(labels, value);
  };
};

const units: Record<string, string> = { Milliseconds: "_seconds", Seconds: "_seconds", Count: "" };

const describe = (name: Metric) => {
  const by = dimensionOf(name);
  const { kind, unit, text } = metrics[name];
  return {
    name: `usher_${snakeCase(name)}${units[unit]}${kind === "count" ? "_total" : ""}`,
    help: text,
    labelNames: by ? [snakeCase(by)] : [],
  };
};

const shown = (name: Metric, measures: readonly Measure[]) => {
  const by = dimensionOf(name);
  return measures.flatMap(({ value, of }): { value: number; labels: Record<string, string> }[] => {
    if (!by) return [{ value, labels: {} }];
    return of === undefined ? [] : [{ value, labels: { [snakeCase(by)]: of } }];
  });
};

const snakeCase = (name: string): string =>
  name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
