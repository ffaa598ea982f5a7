import { acts } from "./acts.ts";
import { bind } from "./bind.ts";
import { bundles } from "./bundles.ts";
import { coldStart } from "./cold-start.ts";
import { cost } from "./cost.ts";
import { largeGroup } from "./large-group.ts";
import { latency } from "./latency.ts";
import { throughput } from "./throughput.ts";

/** A part of the bench: it prints its tables, each figure beside a baseline that was measured in the same run. */
type Section = { name: string; title: string; run: () => Promise<void> };

const sections: Section[] = [
  { name: "bundles", title: "Bundles: size and import time of each Lambda", run: bundles },
  { name: "latency", title: "Latency of a provision call", run: latency },
  { name: "cost", title: "Cost of each operation", run: cost },
  { name: "group", title: "One member more in a group of 100,000", run: () => largeGroup() },
  { name: "bind", title: "Bind of a group whose members are in sync", run: () => bind() },
  { name: "cold-start", title: "Start of the embedded run", run: coldStart },
  { name: "acts", title: "Processor time and bytes written of a create and an update", run: () => acts() },
  { name: "throughput", title: "Throughput, without a limit and within one", run: () => throughput() },
];

/**
 * `npm run bench`, or `npm run bench -- latency cost` for some sections. It judges nothing: a busy machine moves every
 * figure, and its baseline with it. With BENCH_CPU_PROFILE=FOLDER the embedded run leaves a CPU profile there.
 */
const main = async (names: string[]): Promise<void> => {
  const unknown = names.filter((name) => !sections.some((section) => section.name === name));
  if (unknown.length > 0) {
    const known = sections.map(({ name }) => name).join(", ");
    throw new Error(`no section ${unknown.join(", ")}; there are ${known}`);
  }
  console.log(`Node ${process.version}, ${process.platform} ${process.arch}`);
  for (const { name, title, run } of sections) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n## ${title}\n`);
    const startedAt = performance.now();
    await run();
    console.log(`(${((performance.now() - startedAt) / 1000).toFixed(0)} s)`);
    // What one section leaves behind shall not be collected in the middle of the next one.
    globalThis.gc?.();
  }
};

await main(process.argv.slice(2));
