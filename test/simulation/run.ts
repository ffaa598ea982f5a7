import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { type TargetName, targets } from "./targets.ts";

/** `npm run simulate -- --minutes 5 --seed 1 --profile strongdm`: worlds one after the other, on all processors, until one fails. */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    profile: { type: "string", default: "all" },
    /** Go on after a failure, and tell each. */
    "keep-going": { type: "boolean", default: false },
  },
});

const isTarget = (name: string): name is TargetName => Object.hasOwn(targets, name);
const names = values.profile === "all" ? Object.keys(targets) : [values.profile];
const unknown = names.find((name) => !isTarget(name));
if (unknown)
  throw new Error(`unknown profile ${unknown}; there are: all, ${Object.keys(targets).join(", ")}`);

const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new Error("--minutes and --seed are numbers");

/** What a worker is told, and what it tells. */
export type Task = { names: string[]; seed: number; step: number; until: number; keepGoing: boolean };
export type Report = { worlds: number } | { failure: string };

const workers = availableParallelism();
const until = Date.now() + minutes * 60_000;
let worlds = 0;
const work = Array.from({ length: workers }, (_, at) => {
  const workerData: Task = {
    names,
    seed: seed + at,
    step: workers,
    until,
    keepGoing: values["keep-going"],
  };
  const worker = new Worker(new URL("./run-worker.ts", import.meta.url), { workerData });
  return new Promise<void>((done, fail) => {
    worker.on("message", (report: Report) => {
      if ("worlds" in report) {
        worlds += report.worlds;
        return;
      }
      console.error(report.failure);
      process.exitCode = 1;
      if (!values["keep-going"]) process.exit();
    });
    worker.on("error", fail);
    worker.on("exit", () => done());
  });
});
await Promise.all(work);
console.log(`${worlds} worlds in ${minutes} min${process.exitCode ? "" : ", no promise broken"}`);
