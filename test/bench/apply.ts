import { fileURLToPath } from "node:url";
import { mebibytes, percent, printTable } from "./figures.ts";
import { replay } from "./front-measure.ts";
import { startJobStage } from "./jobs-stage.ts";

const latencyMs = 25;
const atOnce = 8;
const block = 100;

/**
 * A plan of `users`, of whom an empty provider knows nobody, and its apply, beside a bare loop that sends the same requests.
 * They are written past the front, and are in no index of what is due: the job alone carries them out.
 */
export const apply = async (users = 10_000): Promise<void> => {
  const stage = await startJobStage({ latencyMs, atOnce });
  await stage.makeWaiting(block);
  const blocks = Math.ceil(users / block);
  await stage.copy({ from: 0, to: blocks, isDue: false });
  await stage.call("POST", "/resume");
  const plan = await stage.run("/syncs", { mode: "plan" });
  const applied = await stage.run(`/syncs/${plan.job.syncId}/apply`, {});
  const all = blocks * block;
  if (applied.job.counts.applied !== all) throw new Error(JSON.stringify(applied.job));
  await stage.askProvider("empty");
  const bareMs = await replay(stage.origin, applied.requests, atOnce);
  console.log(`${all} users; a provider of ${latencyMs} ms, which takes ${atOnce} requests at a time`);
  const figures = (ms: number) => [(ms / 1000).toFixed(1), ((all * 1000) / ms).toFixed(1)];
  const rows = [
    { name: "plan", of: "", ...plan },
    { name: "apply", of: percent(bareMs / applied.ms), ...applied },
  ].map(({ name, of, ms, cpuMs, requests, store, bytesAbove }) => [
    name,
    ...figures(ms),
    of,
    (requests.length / all).toFixed(3),
    (cpuMs / all).toFixed(2),
    (store.requests / all).toFixed(1),
    mebibytes(bytesAbove),
  ]);
  printTable(
    [
      "empty provider",
      "s",
      "users/s",
      "of the bare loop (aim 90 %)",
      "requests a user (aim ≤ 1.02)",
      "processor ms a user",
      "store requests a user",
      "above idle",
    ],
    [...rows, ["bare loop", ...figures(bareMs), "", (applied.requests.length / all).toFixed(3), "", "", ""]],
  );
  await stage.close();
};

/** Alone: `node --expose-gc test/bench/apply.ts [USERS]`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [users] = process.argv.slice(2).map(Number);
  await apply(users);
}
