import { fileURLToPath } from "node:url";
import { mebibytes, printTable } from "./figures.ts";
import { startJobStage } from "./jobs-stage.ts";

const members = 100;

/**
 * A plan at which nothing is to do, of as many users as each of `sizes` says, the smallest first; a hundred of them are in
 * each group. They are written past the front.
 */
export const plan = async (sizes = [10_000, 100_000]): Promise<void> => {
  const stage = await startJobStage();
  await stage.makeTeam(members);
  const rows: (string | number)[][] = [];
  let filled = 1;
  for (const size of sizes) {
    const groups = Math.ceil(size / members);
    const startedAt = performance.now();
    await stage.copy({ from: filled, to: groups });
    console.log(`${size} users written in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    filled = groups;
    const { job, ms, cpuMs, bytesAbove, requests, store } = await stage.run("/syncs", { mode: "plan" });
    const objects = groups * members + groups;
    const found = Object.values(job.counts).reduce((sum, count) => sum + count, 0);
    if (found > 0) throw new Error(`something is to do: ${JSON.stringify(job.counts)}`);
    rows.push([
      `${groups * members} users, ${groups} groups`,
      (ms / 1000).toFixed(1),
      ((objects * 1000) / ms).toFixed(0),
      ((cpuMs * 1000) / objects).toFixed(0),
      requests.length,
      store.requests,
      store.writtenItems,
      mebibytes(bytesAbove),
    ]);
  }
  console.log();
  printTable(
    [
      "plan of what is in step",
      "s",
      "objects/s (aim 2000)",
      "processor µs each (aim: flat)",
      "SCIM requests (aim 0)",
      "store requests",
      "items written (aim: few)",
      "above idle (aim < 96 MiB)",
    ],
    rows,
  );
  await stage.close();
};

/** Alone: `node --expose-gc test/bench/plan.ts [USERS …]`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = process.argv.slice(2).map(Number);
  await plan(sizes.length > 0 ? sizes : undefined);
}
