import { rmSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startChild } from "./child.ts";
import { type Answer, makeFolder, send } from "./stage.ts";

const token = "bench-token-of-at-least-32-characters";
const hook = new URL("./front-hook.ts", import.meta.url).href;

/** Processor time and bytes given to the disk so far; the latter only where the system counts them. */
export type Usage = { cpuMs: number; writtenBytes: number | undefined };
export type FrontRun = Awaited<ReturnType<typeof startFrontRun>>;

/**
 * `npm start` of the checkout at `root`, with a new data folder, as its users run it. It is ready once it has printed
 * its addresses.
 */
export const startFrontRun = async (root: string) => {
  const dataDir = makeFolder();
  const startedAt = performance.now();
  const file = pathToFileURL(join(root, "infra/local/start.ts")).href;
  const child = await startChild(file, [], {
    cwd: root,
    execArgv: ["--import", hook],
    env: { ...process.env, USHER_PORT: "0", USHER_DATA_DIR: dataDir, USHER_TOKEN: token },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const text = await readUntil(child.process.stdout, "Ctrl-C stops it.");
  const startMs = performance.now() - startedAt;
  const said = (pattern: RegExp): string => {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) throw new Error(`${root} started without ${pattern}:\n${text}`);
    return found;
  };
  const url = said(/running at (\S+)/);
  const agent = new Agent({ keepAlive: true, maxSockets: 100, scheduling: "lifo" });
  const usage = async (): Promise<Usage> => ({
    cpuMs: await child.cpuMs(),
    writtenBytes: await child.ask<number | undefined>("writtenBytes"),
  });
  return {
    dataDir,
    dynamodbUrl: said(/DynamoDB +(\S+)/),
    stateTable: said(/tables +([^\s,]+)/),
    start: { ms: startMs, cpuMs: await child.cpuMs() },
    usage,
    ask: child.ask,
    call: (method: string, path: string, body?: unknown): Promise<Answer> =>
      send(agent, { method, url: url + path, token, type: "application/json", body }),
    /** Ends it as Ctrl-C does. Answers with its peak memory in bytes. */
    stop: async (): Promise<number> => {
      agent.destroy();
      const peak = await child.ask<number>("peak");
      child.process.kill("SIGTERM");
      await child.ended;
      rmSync(dataDir, { recursive: true, force: true });
      return peak;
    },
  };
};

/** What it prints up to `mark`. What follows is read too and dropped, so that the child never waits for its reader. */
const readUntil = (stream: NodeJS.ReadableStream | null, mark: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    stream?.on("data", (chunk: Buffer) => {
      if (!text.includes(mark)) text += chunk;
      if (text.includes(mark)) resolve(text);
    });
    stream?.on("end", () => reject(new Error(`it ended before it ran:\n${text}`)));
  });
