import { setTimeout as sleep } from "node:timers/promises";
import { inBulk, startAutomaticStage } from "./automatic-stage.ts";
import { mebibytes, percent } from "./figures.ts";
import type { Limit } from "./throughput-provider.ts";

const latencyMs = 25;
const limitPerSecond = 25;
/** A process that reads secrets and rows for the first time does not yet want all of the limit. */
const startMs = 3_000;

/**
 * How much of a limit, which the provider alone tells, two workers use while more is due than they may send: one in the
 * embedded run, and another process on the same store.
 */
export const automaticLimit = async (kind: Limit["kind"], seconds: number): Promise<void> => {
  const limit = { perSecond: limitPerSecond, kind, from: "PATCH" as const };
  const due = Math.ceil(limitPerSecond * (seconds + 10));
  const stage = await startAutomaticStage({ latencyMs, atOnce: 100, limit }, due);
  const worker = await stage.startWorker({ ms: seconds * 1000 + startMs + 5_000 });
  await inBulk(
    Array.from({ length: due }, (_, nth) => nth),
    (nth) => stage.save(nth, { jobTitle: `change-${nth}` }),
  );
  const began = await stage.counts();
  const working = worker.work<Record<string, number>>();
  await sleep(startMs);
  const before = await stage.counts();
  await sleep(seconds * 1000);
  const after = await stage.counts();
  const { result, peakBytes } = await working;
  const used = (after.taken - before.taken) / seconds / limitPerSecond;
  const refused = after.refused - began.refused;
  const refusals = refused / (after.taken - began.taken + refused);
  console.log(
    `${kind} of ${limitPerSecond}/s, ${seconds} s, two workers: ${percent(used)} used (aim 95 %), ${percent(refusals)} answered 429 (aim < 1 %), peak of the second ${mebibytes(peakBytes)}`,
  );
  if (Object.keys(result).length > 0) console.log("failures:", result);
  await worker.end();
  console.log(`embedded run: peak ${mebibytes(await stage.close())}\n`);
};
