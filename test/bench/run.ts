import { readArguments } from "./front-options.ts";
import { sections } from "./sections.ts";

/**
 * `npm run bench`, or `npm run bench -- latency cost` for some sections. It judges nothing: a busy machine moves every
 * figure, and its baseline with it. With BENCH_CPU_PROFILE=FOLDER the embedded run leaves a CPU profile there.
 * `npm run bench -- --against COMMIT` runs the section `front` beside another commit.
 */
const main = async (words: string[]): Promise<void> => {
  const known = sections.map(({ name }) => name);
  const { names, options } = readArguments(words, known);
  console.log(`Node ${process.version}, ${process.platform} ${process.arch}`);
  for (const { name, title, run } of sections) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n## ${title}\n`);
    const startedAt = performance.now();
    await run(options);
    console.log(`(${((performance.now() - startedAt) / 1000).toFixed(0)} s)`);
    // What one section leaves behind shall not be collected in the middle of the next one.
    globalThis.gc?.();
  }
};

await main(process.argv.slice(2));
