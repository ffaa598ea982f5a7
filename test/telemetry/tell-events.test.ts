import { expect, onTestFinished, test, vi } from "vitest";
import { buildEvent } from "../../shared/audit/build-event.ts";
import type { Intent, Outcome } from "../../shared/model/attempt.ts";
import type { Measure } from "../../shared/model/metric.ts";
import { tellEvents } from "../../shared/telemetry/tell-events.ts";
import { failed, intentAt, succeeded } from "../audit/fixtures.ts";
import { type EventItems, memoryEventWriter } from "../memory/event-log.ts";
import { atOnce } from "../memory/request.ts";
import { collectLog } from "../support/log-lines.ts";

const at = "2026-11-19T08:00:00.000Z";
const open = () => {
  vi.stubEnv("LOG_LEVEL", "info");
  onTestFinished(() => void vi.unstubAllEnvs());
  const log = collectLog();
  const items: EventItems = new Map();
  const measures: Measure[] = [];
  const writer = tellEvents(memoryEventWriter(items, atOnce), {
    now: () => Date.parse(at) + 350,
    telemetry: { record: (told) => void measures.push(...told) },
  });
  const put = (intent: Intent, outcome: Outcome) => writer.put(buildEvent(intent, outcome));
  return { log, measures, put };
};

test("a success is one attempt, a failure also one failure over all and one of its code", async () => {
  const { log, measures, put } = open();
  const intent = intentAt(at);
  await put(intent, { ...succeeded(intent), requests: 2 });
  expect(measures.splice(0)).toEqual([{ metric: "Attempts", value: 1 }]);
  const other = intentAt("2026-11-19T08:00:00.001Z");
  await put(other, { ...failed(other), code: "provider-rejected" } as Outcome);
  expect(measures).toEqual([
    { metric: "Attempts", value: 1 },
    { metric: "Failures", value: 1 },
    { metric: "Failures", value: 1, of: "provider-rejected" },
  ]);
  expect(
    log.lines().map(({ success, code, status, requests, ms }) => [success, code, status, requests, ms]),
  ).toEqual([
    [true, undefined, 201, 2, 350],
    [false, "provider-rejected", 409, undefined, 349],
  ]);
});

test("an attempt that met no failure and is not done counts as that", async () => {
  const { log, measures, put } = open();
  const intent = intentAt(at);
  await put(intent, failed(intent));
  expect(log.lines()).toMatchObject([{ success: false, code: "not-done" }]);
  expect(measures.at(-1)).toEqual({ metric: "Failures", value: 1, of: "not-done" });
});

test("what is on record is told once, however often it is put, and whatever it is said to be then", async () => {
  const { log, measures, put } = open();
  const intent = intentAt(at);
  await put(intent, succeeded(intent));
  await put(intent, succeeded(intent));
  await put(intent, failed(intent));
  expect(measures).toEqual([{ metric: "Attempts", value: 1 }]);
  expect(log.lines()).toHaveLength(1);
});

test.each(["idm_integration_quarantined", "idm_integration_hold_approved"] as const)(
  "%s is told in the log and is no attempt",
  async (eventType) => {
    const { log, measures, put } = open();
    const intent = intentAt(at, { eventType });
    await put(intent, succeeded(intent));
    expect(measures).toEqual([]);
    expect(log.lines()).toMatchObject([{ message: "event-recorded", eventType }]);
    expect(log.lines()[0]).not.toHaveProperty("ms");
  },
);
