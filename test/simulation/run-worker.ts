import { parentPort, workerData } from "node:worker_threads";
import { explain, firstFailure } from "./explore.ts";
import type { Report, Task } from "./run.ts";
import type { TargetName } from "./targets.ts";

/** Its share of the seeds: each with every profile, until the time is over. */
const { names, seed, step, until, keepGoing } = workerData as Task;
const tell = (report: Report) => parentPort?.postMessage(report);

let isOver = false;
for (let at = seed; !isOver; at += step) {
  for (const name of names as TargetName[]) {
    isOver ||= Date.now() >= until;
    if (isOver) break;
    const found = await firstFailure(name, { seed: at, worlds: 1 });
    tell({ name, seed: at, ...(found && { failure: await explain(found) }) });
    isOver ||= found !== undefined && !keepGoing;
  }
}
