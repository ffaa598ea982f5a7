import { mebibytes, median, ms, printTable } from "./figures.ts";
import { startFrontRun } from "./front-run.ts";

/** From the start of the process to its addresses on the console, with a new data folder; the sides take turns. */
export const measureStarts = async (
  roots: { name: string; root: string }[],
  turns: number,
): Promise<void> => {
  const starts = new Map(
    roots.map(({ name }) => [name, [] as { ms: number; cpuMs: number; peak: number }[]]),
  );
  // The first start of each reads its code from the disk.
  for (let turn = 0; turn <= turns; turn += 1) {
    for (const { name, root } of roots) {
      const run = await startFrontRun(root);
      const peak = await run.stop();
      if (turn > 0) starts.get(name)?.push({ ...run.start, peak });
    }
  }
  const rows = [...starts].map(([name, all]) => [
    name,
    ms(median(all.map((start) => start.ms))),
    ms(median(all.map((start) => start.cpuMs))),
    mebibytes(median(all.map((start) => start.peak))),
  ]);
  printTable(["start with a new folder", "ms", "CPU ms", "peak"], rows);
};
