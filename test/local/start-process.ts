import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const startFile = fileURLToPath(new URL("../../infra/local/start.ts", import.meta.url));

export type StartedUsher = {
  /** All that it has printed so far. */
  out(): string;
  /** The address printed behind these words. */
  urlAt(words: string): string;
  child: ChildProcess;
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<void>;
};
export type StartOptions = { words?: string[]; cwd: string; env?: Record<string, string> };

/** Runs `npm start` as its own process, without npm. Settings of the tests' own environment do not reach it. */
export const spawnUsher = ({ words = [], cwd, env = {} }: StartOptions) => {
  const own = Object.entries(process.env).filter(([name]) => !/^(USHER_|INIT_CWD$|npm_config_)/.test(name));
  const child = spawn(process.execPath, [startFile, ...words], {
    cwd,
    env: { ...Object.fromEntries(own), ...env },
  });
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text.out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text.err += chunk;
  });
  return { child, text, closed: once(child, "close") };
};

/** Waits until it says that it runs. The API is at any port unless `env` says otherwise. */
export const startUsher = async (options: StartOptions): Promise<StartedUsher> => {
  const { child, text, closed } = spawnUsher({ ...options, env: { USHER_PORT: "0", ...options.env } });
  const isUp = new Promise<void>((resolve) => {
    child.stdout.on("data", () => text.out.includes("Ctrl-C stops it.") && resolve());
  });
  await Promise.race([isUp, closed]);
  if (child.exitCode !== null) throw new Error(`Usher ended at its start: ${text.err}`);
  return {
    child,
    out: () => text.out,
    urlAt: (words) => new RegExp(`${words} +(http\\S+)`).exec(text.out)?.[1] ?? `no ${words}`,
    async end(signal = "SIGINT") {
      child.kill(signal);
      await closed;
    },
  };
};

/** For a start that ends by itself: its exit code and what it printed. */
export const runUsher = async (options: StartOptions) => {
  const { child, text, closed } = spawnUsher(options);
  await closed;
  return { code: child.exitCode, ...text };
};
