import { expect, test } from "vitest";
import { createLocalFigures } from "../../infra/local/figures.ts";

const minute = 60_000;
const open = () => {
  const clock = { now: 1_800_000_000_000 };
  const figures = createLocalFigures(() => clock.now);
  /** The samples, without histograms' buckets and what describes them. */
  const samples = async () =>
    (await figures.text()).split("\n").filter((line) => /^[a-z]/.test(line) && !line.includes("_bucket"));
  return { clock, figures, samples };
};

test("what happened is counted from the start of the process, what nobody has told is not there", async () => {
  const { figures, samples } = open();
  expect(await samples()).toEqual([
    "usher_attempts_total 0",
    "usher_provider_latency_seconds_sum 0",
    "usher_provider_latency_seconds_count 0",
    "usher_provider_throttles_total 0",
    "usher_tokens_refused_total 0",
  ]);
  for (const code of ["provider-rejected", "provider-rejected", "target-refused"])
    figures.record([
      { metric: "Attempts", value: 1 },
      { metric: "Failures", value: 1 },
      { metric: "Failures", value: 1, of: code },
      { metric: "ProviderLatency", value: 250 },
    ]);
  expect(await samples()).toEqual([
    "usher_attempts_total 3",
    'usher_failures_total{code="provider-rejected"} 2',
    'usher_failures_total{code="target-refused"} 1',
    "usher_provider_latency_seconds_sum 0.75",
    "usher_provider_latency_seconds_count 3",
    "usher_provider_throttles_total 0",
    "usher_tokens_refused_total 0",
  ]);
});

test("a level is what was told last: what went away is gone, and what nobody tells any more is unknown", async () => {
  const { clock, figures, samples } = open();
  const levels = async () => (await samples()).filter((line) => /oldest|reauth/.test(line));
  figures.record([
    { metric: "NeedsReauth", value: 1 },
    { metric: "OldestDue", value: 70 },
    { metric: "OldestDue", value: 70, of: "integration-1" },
    { metric: "OldestDue", value: 5, of: "integration-2" },
  ]);
  expect(await levels()).toEqual([
    'usher_oldest_due_seconds{integration_id="integration-1"} 70',
    'usher_oldest_due_seconds{integration_id="integration-2"} 5',
    "usher_needs_reauth 1",
  ]);
  clock.now += minute;
  figures.record([{ metric: "NeedsReauth", value: 0 }]);
  figures.record([
    { metric: "OldestDue", value: 65 },
    { metric: "OldestDue", value: 65, of: "integration-2" },
  ]);
  expect(await levels()).toEqual([
    'usher_oldest_due_seconds{integration_id="integration-2"} 65',
    "usher_needs_reauth 0",
  ]);
  clock.now += 6 * minute;
  expect(await levels()).toEqual([]);
});
