import type { Measure } from "../../model/metric.ts";

/**
 * Where figures go. It never throws and is never waited for: what is measured does not fail by it. A figure with a dimension
 * is told over all and once for each value. All of a level is told in one call: what that leaves out is not there any more.
 */
export type Telemetry = { record(measures: readonly Measure[]): void };
