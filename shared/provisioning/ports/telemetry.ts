import type { Measure } from "../../model/metric.ts";

/** Where figures go. It never throws and is never waited for: what is measured does not fail by it. */
export type Telemetry = { record(measures: readonly Measure[]): void };
