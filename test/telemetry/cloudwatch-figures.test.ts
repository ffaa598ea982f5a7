import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { defineEndpoint } from "../../shared/http/endpoint.ts";
import { lambda } from "../../shared/http/lambda.ts";
import type { Measure } from "../../shared/model/metric.ts";
import { telemetry } from "../../shared/runtime/services.ts";
import { endInvocation } from "../../shared/telemetry/after-invocation.ts";
import { createCloudWatchFigures } from "../../shared/telemetry/cloudwatch-figures.ts";
import { call, things } from "../http/support.ts";

let written: string[];
beforeEach(() => {
  written = [];
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const lines = () => written.map((line) => JSON.parse(line));
const described = (dimensions: string[], metrics: [string, string][]) => ({
  _aws: {
    Timestamp: 1_800_000_000_000,
    CloudWatchMetrics: [
      {
        Namespace: "Usher",
        Dimensions: [dimensions],
        Metrics: metrics.map(([Name, Unit]) => ({ Name, Unit })),
      },
    ],
  },
});

const failed: Measure[] = [
  { metric: "Attempts", value: 1 },
  { metric: "Failures", value: 1 },
  { metric: "Failures", value: 1, of: "provider-rejected" },
];

test("what happened in an invocation is one line at its end, and one for each value of a dimension", () => {
  const figures = createCloudWatchFigures("usher-test");
  figures.record([{ metric: "ProviderLatency", value: 120 }]);
  figures.record([{ metric: "ProviderLatency", value: 80 }]);
  figures.record(failed);
  figures.record(failed);
  expect(written).toEqual([]);
  endInvocation();
  endInvocation();
  expect(lines()).toEqual([
    {
      ...described(
        ["service"],
        [
          ["ProviderLatency", "Milliseconds"],
          ["Attempts", "Count"],
          ["Failures", "Count"],
        ],
      ),
      service: "usher-test",
      ProviderLatency: [120, 80],
      Attempts: 2,
      Failures: 2,
    },
    {
      ...described(["service", "Code"], [["Failures", "Count"]]),
      service: "usher-test",
      Code: "provider-rejected",
      Failures: 2,
    },
  ]);
});

test("an invocation that lasts tells every five seconds what happened until then", () => {
  const figures = createCloudWatchFigures("usher");
  figures.record([{ metric: "Attempts", value: 1 }]);
  vi.advanceTimersByTime(4_000);
  figures.record([{ metric: "Attempts", value: 1 }]);
  expect(written).toEqual([]);
  vi.advanceTimersByTime(1_000);
  figures.record([{ metric: "Attempts", value: 1 }]);
  endInvocation();
  expect(lines().map(({ Attempts }) => Attempts)).toEqual([2, 1]);
  vi.advanceTimersByTime(60_000);
  expect(written).toHaveLength(2);
});

test("levels are told at once, all of an integration in one line", () => {
  createCloudWatchFigures("usher").record([
    { metric: "AccessOpen", value: 3 },
    { metric: "OldestDue", value: 70 },
    { metric: "AccessOpen", value: 3, of: "integration-1" },
    { metric: "OldestDue", value: 70, of: "integration-1" },
    { metric: "OldestDue", value: 0, of: "integration-2" },
  ]);
  expect(lines().map(({ _aws, ...figures }) => figures)).toEqual([
    { service: "usher", AccessOpen: 3, OldestDue: 70 },
    { service: "usher", IntegrationId: "integration-1", AccessOpen: 3, OldestDue: 70 },
    { service: "usher", IntegrationId: "integration-2", OldestDue: 0 },
  ]);
});

test("more answers than one line may hold go into several, and none is lost", () => {
  const figures = createCloudWatchFigures("usher");
  for (let ms = 1; ms <= 250; ms += 1) figures.record([{ metric: "ProviderLatency", value: ms }]);
  endInvocation();
  const told = lines().map(({ ProviderLatency }) => [ProviderLatency].flat());
  expect(told.every((values) => values.length <= 100)).toBe(true);
  expect(told.flat()).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
});

test("the figures of a call are written at its end, under the name of the stack", async () => {
  vi.stubEnv("POWERTOOLS_SERVICE_NAME", "usher-prod");
  const handle = async () => {
    telemetry().record([{ metric: "Attempts", value: 1 }]);
    expect(written).toEqual([]);
    return { status: 204 };
  };
  await call(lambda(defineEndpoint({ ...things, handle })));
  expect(lines()).toMatchObject([{ service: "usher-prod", Attempts: 1 }]);
});
