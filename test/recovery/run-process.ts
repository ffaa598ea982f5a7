import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { makeOrReadRunKeys } from "../../infra/local/signing/run-keys.ts";
import { bundledChild } from "./bundle-child.ts";
import type { Command, Started } from "./child.ts";

/** An answer's JSON: what tests read one by one is typed. */
export type Body = {
  integrationId: string;
  remoteId: string;
  state: string;
  items: Record<string, unknown>[];
  nextCursor?: string;
  [field: string]: unknown;
};
export type Answer = { status: number; body: Body };

/**
 * How a run comes up again: with its start-up recovery, with or without workers that carry out what is due then, or as a
 * Lambda finds things, with leases that have ended.
 */
type StartMode = "local" | "aws" | "without workers";

/** Usher in a process of its own. */
export type Run = Started & {
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Count steps from now on and end the process right after the `killAfter`th. */
  arm(killAfter: number): Promise<void>;
  /** The steps since it was armed. */
  steps(): Promise<string[]>;
  /** What the scheduled recovery does. */
  recover(): Promise<{ settled: number }>;
  /** SIGKILL, at once. */
  kill(): void;
  ended: Promise<unknown>;
  dynamodb: DynamoDBClient;
  secrets: SecretsManagerClient;
  /** Its clock, in Unix ms. */
  now(): number;
  /** What is due goes on by itself. */
  hasWorkers: boolean;
};

/** Starts it on a data folder; `local` has finished its start-up recovery. */
export const startRun = async (dataDir: string, mode: StartMode = "local", aheadMs = 0): Promise<Run> => {
  const child = fork(await bundledChild(), [dataDir, mode, String(aheadMs)], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const started = await answerOf<Started>(child, ended);
  const ask = async <T>(command: Command): Promise<T> => {
    const answer = answerOf<T>(child, ended);
    child.send(command);
    return answer;
  };
  const keys = makeOrReadRunKeys(dataDir);
  const aws = { region: keys.region, credentials: keys, systemClockOffset: aheadMs };
  return {
    ...started,
    call: (method, path, body) => call(started, method, path, body),
    arm: async (killAfter) => void (await ask({ do: "arm", killAfter })),
    steps: () => ask({ do: "report" }),
    recover: () => ask({ do: "recover" }),
    kill: () => void child.kill("SIGKILL"),
    ended,
    dynamodb: new DynamoDBClient({ ...aws, endpoint: started.dynamodbUrl }),
    secrets: new SecretsManagerClient({ ...aws, endpoint: started.secretsUrl }),
    now: () => Date.now() + aheadMs,
    hasWorkers: mode === "local",
  };
};

const answerOf = async <T>(child: ChildProcess, ended: Promise<unknown>): Promise<T> => {
  const died = ended.then(() => {
    throw new Error("the process ended before it answered");
  });
  const [message] = (await Promise.race([once(child, "message"), died])) as [{ answer: T }];
  return message.answer;
};

const call = async (
  { url, token }: Started,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> => {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : {}) as Body };
};
