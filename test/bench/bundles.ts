import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { bundleFunctions, bundleOptions } from "../../infra/bundle.ts";
import { kilobytes, median, ms, printTable, times } from "./figures.ts";
import { makeFolder } from "./stage.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const functionsFolder = fileURLToPath(new URL("../../functions/", import.meta.url));
const baselineName = "bundle-baseline";
const rounds = 7;
/** So many bundles are measured between two measurements of the baseline. */
const baselineEvery = 3;

/** What the runtime and the stack set. */
const lambdaEnvironment = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example",
  AWS_SESSION_TOKEN: "example",
  AWS_LAMBDA_FUNCTION_NAME: "usher",
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  STATE_TABLE: "usher-state",
  EVENTS_TABLE: "usher-events",
  SECRET_PREFIX: "usher/integrations/",
  IDEMPOTENCY_SECRET_ID: "usher/idempotency-key",
};

/**
 * The baseline is bundled as anybody would: without the alias by which the stack leaves the SDK's credential chain out.
 */
const bundlePlainly = (entry: string): Uint8Array => {
  const { alias: _, ...options } = bundleOptions;
  return (
    buildSync({ ...options, entryPoints: [entry], write: false }).outputFiles[0]?.contents ?? new Uint8Array()
  );
};

/** Bytes and import time of every Lambda, bundled as the stack bundles it, beside the least that a Lambda can be. */
export const bundles = async (): Promise<void> => {
  const names = readdirSync(functionsFolder)
    .filter((file) => file.endsWith(".ts") && !["index.ts", "state-access.ts"].includes(file))
    .map((file) => file.slice(0, -".ts".length));
  const built = new Map([
    ...bundleFunctions(functionsFolder, names),
    [baselineName, bundlePlainly(join(here, `${baselineName}.ts`))],
  ]);
  const folder = makeFolder();
  for (const [name, bytes] of built) writeFileSync(join(folder, `${name}.mjs`), bytes);
  const importTimes = measureImports(folder, names);

  const rowOf = (name: string) => {
    const size = built.get(name)?.length ?? 0;
    const imports = importTimes.get(name) ?? [];
    const [time, cpu] = [median(imports.map((one) => one.time)), median(imports.map((one) => one.cpu))];
    return { name, size, time, cpu };
  };
  const base = rowOf(baselineName);
  const rows = names.map(rowOf).sort((a, b) => b.size - a.size);
  const heading = ["Lambda", "KB", "of baseline", "import ms", "of baseline", "import CPU ms", "of baseline"];
  const show = ({ name, size, time, cpu }: typeof base) => [
    name,
    kilobytes(size),
    times(size / base.size),
    ms(time),
    times(time / base.time),
    ms(cpu),
    times(cpu / base.cpu),
  ];
  printTable(heading, [
    show({ ...base, name: "baseline: middy, zod, two SDK clients, bundled plainly" }),
    ...rows.map(show),
  ]);
  const ratios = (of: (row: typeof base) => number) => {
    const all = rows.map(of);
    return `largest ${times(Math.max(...all))}, median ${times(median(all))}, smallest ${times(Math.min(...all))}`;
  };
  console.log(`bytes, of baseline:       ${ratios(({ size }) => size / base.size)} (aim: at most 1.15×)`);
  console.log(`import time, of baseline: ${ratios(({ time }) => time / base.time)} (aim: at most 1.15×)`);
  console.log(`import CPU, of baseline:  ${ratios(({ cpu }) => cpu / base.cpu)}`);
  console.log(`import time: median of ${rounds} fresh processes, the baseline among them`);
};

/** Milliseconds: those that pass, and those of processors, which other work on the machine changes less. */
type Import = { time: number; cpu: number };

const measureImports = (folder: string, names: string[]): Map<string, Import[]> => {
  const runner = join(folder, "import.mjs");
  writeFileSync(
    runner,
    [
      "const [start, cpu] = [performance.now(), process.cpuUsage()];",
      "await import(process.argv[2]);",
      "const { user, system } = process.cpuUsage(cpu);",
      "console.log(JSON.stringify({ time: performance.now() - start, cpu: (user + system) / 1000 }));",
    ].join("\n"),
  );
  const samples = new Map<string, Import[]>();
  const measure = (name: string) => {
    const url = pathToFileURL(join(folder, `${name}.mjs`)).href;
    const text = execFileSync(process.execPath, [runner, url], { env: lambdaEnvironment, encoding: "utf8" });
    samples.set(name, [...(samples.get(name) ?? []), JSON.parse(text)]);
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, name] of names.entries()) {
      if (at % baselineEvery === 0) measure(baselineName);
      measure(name);
    }
  }
  return samples;
};
