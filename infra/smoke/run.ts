import { readArguments, usage } from "./arguments.ts";
import { runSmoke } from "./smoke.ts";

/** `npm run smoke`: exits with 0 only where every step went well and nothing is left behind; with 2 for wrong options. */
const main = async (): Promise<void> => {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments(process.argv.slice(2), process.env);
  } catch (error) {
    console.error((error as Error).message.split(". To specify")[0]);
    console.error("npm run smoke -- --help tells the options.");
    process.exitCode = 2;
    return;
  }
  if (options === "help") return console.log(usage);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
  if (!(await runSmoke(options, console.log, stop.signal))) process.exitCode = 1;
};

await main();
