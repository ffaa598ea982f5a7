import type { Measure } from "../model/metric.ts";
import type { Telemetry } from "../provisioning/ports/telemetry.ts";
import type { Lines } from "./lines.ts";
import { log } from "./log.ts";

type Request = Lines["provider-request"] & { isThrottled: boolean };

/** Tells the log and `telemetry` of each request to a service provider. One without an answer has no latency. */
export const tellRequests =
  (telemetry: Telemetry) =>
  ({ isThrottled, ...request }: Request): void => {
    log("debug", "provider-request", request);
    const { status, ms } = request;
    if (status === undefined) return;
    const throttled: Measure[] = isThrottled ? [{ metric: "ProviderThrottles", value: 1 }] : [];
    telemetry.record([{ metric: "ProviderLatency", value: ms }, ...throttled]);
  };
