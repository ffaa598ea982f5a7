import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { serveParent } from "./child.ts";
import { countStore } from "./count-store.ts";

/** The embedded run for measurements of jobs, in a process of its own: `node --expose-gc jobs-child.ts DATA_FOLDER`. */
const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error("name the data folder");
const takeCounts = countStore();
const run = await startEmbeddedRun({ port: 0, dataDir });
await run.recovered;

/** Often enough that no garbage comes and goes between two looks. */
const sampleMs = 20;
let peak = 0;
let timer: NodeJS.Timeout | undefined;
const sample = (): void => {
  peak = Math.max(peak, process.memoryUsage.rss());
};

serveParent(
  { url: run.url, token: run.token },
  {
    counts: takeCounts,
    /** Resident bytes while nothing is done; from then on the most is noted. */
    idle: () => {
      globalThis.gc?.();
      peak = process.memoryUsage.rss();
      timer ??= setInterval(sample, sampleMs).unref();
      return peak;
    },
    most: () => {
      sample();
      clearInterval(timer);
      timer = undefined;
      return peak;
    },
  },
  () => run.close(),
);
