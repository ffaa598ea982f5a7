import { isAttempt } from "../model/event.ts";
import type { Measure } from "../model/metric.ts";
import type { EventRecord, EventWriter } from "../provisioning/ports/event-log.ts";
import type { Telemetry } from "../provisioning/ports/telemetry.ts";
import type { FailedAs } from "./lines.ts";
import { log } from "./log.ts";

/**
 * The writer, each of whose events is told in the log, and those of attempts to `telemetry`. An event that was on record
 * before is not told again; one whose write was taken, although the store's answer was lost, may go untold.
 */
export const tellEvents = (
  writer: EventWriter,
  { now, telemetry }: { now(): number; telemetry: Telemetry | undefined },
): EventWriter => ({
  put: async (record) => {
    const onRecord = await writer.put(record);
    if (onRecord !== record.event) return onRecord;
    logEvent(record, now());
    if (isAttempt(record.event.event_type)) telemetry?.record(figuresOf(record));
    return onRecord;
  },
});

const failedAs = ({ event, code }: EventRecord): FailedAs | undefined =>
  event.success ? undefined : (code ?? "not-done");

const logEvent = (record: EventRecord, now: number): void => {
  const { event, requests } = record;
  log("info", "event-recorded", {
    correlationId: event.correlation.id,
    eventId: event.id,
    eventType: event.event_type,
    success: event.success,
    code: failedAs(record),
    integrationId: event.idm_client_id,
    status: event.message_chain.response_code,
    requests,
    ...(isAttempt(event.event_type) && { ms: now - Date.parse(event.timestamp) }),
  });
};

const figuresOf = (record: EventRecord): Measure[] => {
  const attempt: Measure = { metric: "Attempts", value: 1 };
  const of = failedAs(record);
  if (of === undefined) return [attempt];
  const failure: Measure = { metric: "Failures", value: 1 };
  return [attempt, failure, { ...failure, of }];
};
