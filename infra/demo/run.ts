import { type DemoOptions, runDemo } from "./demo.ts";

/** `npm run demo`: the process exits with 0 only where the provider, the directory and the audit agree. */
export const main = async (options?: DemoOptions): Promise<void> => {
  const startedAt = performance.now();
  // Whatever exits removes the data folder; a signal that nobody handles would not.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  const problems = await runDemo(options);
  const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  if (problems.length === 0) {
    console.log(
      `The provider, the directory and the audit agree, and no token was found anywhere. ${seconds}`,
    );
    console.log("To try it by hand: npm start -- --sandbox");
    return;
  }
  console.error([`Found in ${seconds}:`, ...problems].join("\n  - "));
  process.exitCode = 1;
};

if (import.meta.main) await main();
