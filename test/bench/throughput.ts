import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { mebibytes, percent } from "./figures.ts";
import type { Limit } from "./throughput-provider.ts";
import { startStage } from "./throughput-stage.ts";
import { unlimited } from "./throughput-unlimited.ts";

const latencyMs = 25;
const lanes = 24;
const limitPerSecond = 25;
/** Processes that read secrets and rows for the first time do not yet want all of the limit. */
const startMs = 3_000;

/** How much of a limit, which the provider alone tells, two processes use, and how often they are refused. */
const limited = async (kind: Limit["kind"], seconds: number): Promise<void> => {
  const limit = { perSecond: limitPerSecond, kind };
  const stage = await startStage({ latencyMs, atOnce: 100, limit });
  // Windows of the test of the target shall be over.
  await sleep(1_500);
  const ms = seconds * 1000;
  const callers = await Promise.all(["one", "two"].map((prefix) => stage.startCaller({ lanes, prefix, ms })));
  const began = await stage.counts();
  const working = callers.map((caller) => caller.work<Record<string, number>>());
  await sleep(startMs);
  const before = await stage.counts();
  await sleep(ms - startMs);
  const after = await stage.counts();
  const done = await Promise.all(working);
  const used = ((after.taken - before.taken) * 1000) / (ms - startMs) / limitPerSecond;
  const refused = after.refused - began.refused;
  const refusals = refused / (after.taken - began.taken + refused);
  const peaks = done.map(({ peakBytes }) => mebibytes(peakBytes)).join(" and ");
  console.log(
    `${kind} of ${limitPerSecond}/s, ${seconds} s, two processes: ${percent(used)} used after ${startMs / 1000} s (aim 95 %), ${percent(refusals)} answered 429 (aim < 1 %), peak ${peaks}`,
  );
  for (const { result } of done) if (Object.keys(result).length > 0) console.log("failures:", result);
  await Promise.all(callers.map((caller) => caller.end()));
  console.log(`store: peak ${mebibytes(await stage.close())}\n`);
};

/** Provisioning in bulk, measured at the use case behind PUT; store, provider and callers have a process each. */
export const throughput = async (users = 10_000, seconds = 60): Promise<void> => {
  await unlimited(users);
  for (const kind of ["window", "bucket"] as const) await limited(kind, seconds);
};

/** Alone: `node test/bench/throughput.ts [USERS] [SECONDS]`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [users, seconds] = process.argv.slice(2).map(Number);
  await throughput(users, seconds);
}
