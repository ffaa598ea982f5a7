import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { type Mode, modes, rowOf } from "./modes.ts";
import { createTally } from "./tally.ts";
import { type TargetName, targets } from "./targets.ts";

/**
 * `npm run simulate -- --minutes 5 --seed 1 --profile strongdm --mode automatic`: worlds one after the other, until one fails; a line
 * each minute and one per provider in the end. The exit code is 1 where a promise was broken.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    profile: { type: "string", default: "all" },
    /** `on-demand`, `automatic`, or both. */
    mode: { type: "string", default: "all" },
    /** Of how many processors; all where not given. */
    workers: { type: "string" },
    /** Go on after a failure, and tell each. */
    "keep-going": { type: "boolean", default: false },
  },
});

const isTarget = (name: string): name is TargetName => Object.hasOwn(targets, name);
const names = values.profile === "all" ? Object.keys(targets) : [values.profile];
const unknown = names.find((name) => !isTarget(name));
if (unknown)
  throw new Error(`unknown profile ${unknown}; there are: all, ${Object.keys(targets).join(", ")}`);

const isMode = (name: string): name is Mode => Object.hasOwn(modes, name);
const modeNames = values.mode === "all" ? (Object.keys(modes) as Mode[]) : [values.mode].filter(isMode);
if (modeNames.length === 0)
  throw new Error(`unknown mode ${values.mode}; there are: all, ${Object.keys(modes).join(", ")}`);

const minutes = Number(values.minutes);
const seed = Number(values.seed);
const workers = Number(values.workers ?? availableParallelism());
if (!(minutes > 0) || !Number.isSafeInteger(seed) || !(Number.isSafeInteger(workers) && workers > 0))
  throw new Error("--minutes, --seed and --workers are numbers");

/** What a worker is told, and what it tells of each world. */
export type Task = {
  names: string[];
  modeNames: Mode[];
  seed: number;
  step: number;
  until: number;
  keepGoing: boolean;
};
export type Report = { name: string; seed: number; failure?: string };

const began = Date.now();
const tally = createTally(names.flatMap((name) => modeNames.map((mode) => rowOf(name, mode))));
const minutesSince = () => Math.round((Date.now() - began) / 60_000);
const progress = setInterval(() => console.log(tally.line(minutesSince(), minutes)), 60_000);

const running = Array.from({ length: workers }, (_, at) => {
  const workerData: Task = {
    names,
    modeNames,
    seed: seed + at,
    step: workers,
    until: began + minutes * 60_000,
    keepGoing: values["keep-going"],
  };
  const worker = new Worker(new URL("./run-worker.ts", import.meta.url), { workerData });
  const ended = new Promise<void>((done, fail) => {
    worker.on("message", (report: Report) => {
      tally.note(report);
      if (report.failure === undefined) return;
      console.error(report.failure);
      process.exitCode = 1;
      if (!values["keep-going"]) for (const one of running) void one.worker.terminate();
    });
    worker.on("error", fail);
    worker.on("exit", () => done());
  });
  return { worker, ended };
});
await Promise.all(running.map(({ ended }) => ended));
clearInterval(progress);
for (const line of tally.summary()) console.log(line);
