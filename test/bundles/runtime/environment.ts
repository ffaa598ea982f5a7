import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { Network } from "../network/network.ts";
import { type Outcome, startRuntimeApi } from "./runtime-api.ts";

/** A Lambda as it is deployed: its code, its settings, its limits. */
export type LambdaSpec = {
  name: string;
  arn: string;
  /** The folder of its asset. */
  code: string;
  handler: string;
  timeoutMs: number;
  memoryMb: number;
  /** All of the environment that the process gets beside Lambda's own variables. */
  environment: Record<string, string>;
};

/** One process of a Lambda: it takes one invocation at a time, and stands still in between. */
export type Environment = {
  /** Once it has asked for work, or is gone. */
  ready: Promise<void>;
  invoke(event: unknown): Promise<Outcome>;
  /** False once the process is gone. */
  isAlive(): boolean;
  stop(): void;
};

/** What a process needs beside its Lambda: its own scripts, names and ports, whom to trust, and who reads its lines. */
export type Surroundings = {
  scripts: { preload: string; bootstrap: string };
  network: Network;
  caPath: string;
  onOutput(text: string): void;
};

/** The scripts of a process as plain JavaScript in `folder`: they are loaded a hundred times. */
export const writeScripts = (folder: string): Surroundings["scripts"] => {
  const entryPoints = ["../network/preload.ts", "./bootstrap.ts"].map((file) =>
    fileURLToPath(new URL(file, import.meta.url)),
  );
  buildSync({
    entryPoints,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    entryNames: "[name]",
    bundle: true,
    platform: "node",
    format: "esm",
  });
  return { preload: join(folder, "preload.mjs"), bootstrap: join(folder, "bootstrap.mjs") };
};

/** Starts a process, which is frozen whenever it has nothing to do (SIGSTOP, as Lambda does it), and killed when time is up. */
export const startEnvironment = async (spec: LambdaSpec, around: Surroundings): Promise<Environment> => {
  const started = Promise.withResolvers<void>();
  let settle: ((outcome: Outcome) => void) | undefined;
  let isFrozen = false;
  let isGone = false;
  let initError: Outcome | undefined;
  let answered: Outcome | undefined;
  let timer: NodeJS.Timeout | undefined;
  const kill = () => {
    if (!isGone) child.kill("SIGKILL");
    isGone = true;
  };
  const end = (outcome: Outcome) => {
    clearTimeout(timer);
    settle?.(outcome);
    settle = undefined;
  };
  const endAfter = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      kill();
      const errorMessage = `Task timed out after ${(ms / 1000).toFixed(2)} seconds`;
      end({ errorType: "Sandbox.Timedout", errorMessage });
    }, ms);
  };
  const api = await startRuntimeApi({
    onIdle() {
      started.resolve();
      clearTimeout(timer);
      isFrozen = true;
      child.kill("SIGSTOP");
      // Lambda, too, answers once the runtime asks for more.
      if (answered) end(answered);
      answered = undefined;
    },
    onBegin() {
      endAfter(spec.timeoutMs);
      return Date.now() + spec.timeoutMs;
    },
    onOutcome(_id, outcome) {
      answered = outcome;
    },
    onInitError(outcome) {
      initError = outcome;
    },
  });

  const child = spawn(
    process.execPath,
    ["--import", around.scripts.preload, around.scripts.bootstrap, JSON.stringify(around.network)],
    {
      cwd: spec.code,
      env: environmentOf(spec, api.address, around.caPath),
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  child.stdout.on("data", (text: Buffer) => around.onOutput(text.toString()));
  child.stderr.on("data", (text: Buffer) => around.onOutput(text.toString()));
  child.on("exit", (code, by) => {
    isGone = true;
    started.resolve();
    api.close();
    const errorMessage = `Runtime exited with error: ${by ? `signal: ${by}` : `exit status ${code}`}`;
    end(initError ?? answered ?? { errorType: "Runtime.ExitError", errorMessage });
  });

  endAfter(initMs);

  return {
    ready: started.promise,
    isAlive: () => !isGone,
    stop: kill,
    invoke: (event) =>
      new Promise((resolve) => {
        settle = resolve;
        if (isGone)
          return end(initError ?? { errorType: "Runtime.ExitError", errorMessage: "the process is gone" });
        if (isFrozen) child.kill("SIGCONT");
        isFrozen = false;
        api.give({ id: randomUUID(), payload: JSON.stringify(event), arn: spec.arn });
      }),
  };
};

/** How long the start of a process may take, which does not count as time of its first invocation. On AWS it is 10 s. */
const initMs = 60_000;

/** Nothing of this machine's own environment: what a Lambda is not told, it does not know. */
const environmentOf = (spec: LambdaSpec, api: string, caPath: string): Record<string, string> => ({
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  AWS_LAMBDA_FUNCTION_NAME: spec.name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_RUNTIME_API: api,
  LAMBDA_TASK_ROOT: spec.code,
  _HANDLER: spec.handler,
  LANG: "en_US.UTF-8",
  TZ: ":UTC",
  NODE_EXTRA_CA_CERTS: caPath,
  ...spec.environment,
});
