import { parentPort, workerData } from "node:worker_threads";
import { explain, firstFailure } from "./explore.ts";
import { modes, rowOf } from "./modes.ts";
import type { Report, Task } from "./run.ts";
import type { TargetName } from "./targets.ts";

/** Its share of the seeds: each with every profile, until the time is over. */
const { names, modeNames, seed, step, until, keepGoing } = workerData as Task;
const tell = (report: Report) => parentPort?.postMessage(report);

let isOver = false;
for (let at = seed; !isOver; at += step) {
  const worlds = names.flatMap((name) => modeNames.map((mode) => ({ name: name as TargetName, mode })));
  for (const { name, mode } of worlds) {
    isOver ||= Date.now() >= until;
    if (isOver) break;
    const found = await firstFailure(name, { seed: at, worlds: 1, make: modes[mode] });
    tell({ name: rowOf(name, mode), seed: at, ...(found && { failure: await explain(found) }) });
    isOver ||= found !== undefined && !keepGoing;
  }
}
