import { fileURLToPath } from "node:url";
import { mebibytes, printTable } from "./figures.ts";
import { type Ran, startJobStage } from "./jobs-stage.ts";

const pageSize = 100;

/** A scan of `accounts` of which the directory knows nobody, and the import of all of them right after it. */
export const importAccounts = async (accounts = 10_000): Promise<void> => {
  const stage = await startJobStage();
  await stage.askProvider("addStrangers", accounts);
  const scan = await stage.run("/import/scans", {});
  const job = await stage.run("/import/jobs", { allNew: true });
  if (scan.job.counts.new !== accounts || job.job.counts.created !== accounts)
    throw new Error(JSON.stringify([scan.job, job.job]));
  const row = (name: string, { ms, cpuMs, requests, store, bytesAbove }: Ran, aim: number) => [
    name,
    (ms / 1000).toFixed(1),
    ((accounts * 1000) / ms).toFixed(0),
    (cpuMs / accounts).toFixed(2),
    requests.length,
    aim,
    (store.requests / accounts).toFixed(2),
    mebibytes(bytesAbove),
  ];
  printTable(
    [
      `${accounts} accounts`,
      "s",
      "rows/s",
      "processor ms each",
      "SCIM requests",
      "aim",
      "store requests each",
      "above idle",
    ],
    [row("scan", scan, Math.ceil(accounts / pageSize)), row("import on a young scan", job, 0)],
  );
  await stage.close();
};

/** Alone: `node test/bench/import.ts [ACCOUNTS]`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [accounts] = process.argv.slice(2).map(Number);
  await importAccounts(accounts);
}
