import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { serveParent } from "./child.ts";
import { observeStore } from "./observe-store.ts";

/** The embedded run, in a process of its own: `node usher-child.ts DATA_FOLDER`. */
/** Bytes that the kernel has taken for the disk so far, by its own count of 512 each. */
const bytesWritten = () => process.resourceUsage().fsWrite * 512;

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error("name the data folder");
const observer = observeStore();
const run = await startEmbeddedRun({ port: 0, dataDir });
await run.recovered;
serveParent(
  { url: run.url, token: run.token, dynamodbUrl: run.dynamodbUrl },
  { observe: observer.start, operations: observer.stop, written: bytesWritten },
  () => run.close(),
);
