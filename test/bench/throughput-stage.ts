import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CallerRole, Role } from "./throughput-child.ts";
import type { Arrival, ProviderOptions, Recorded } from "./throughput-provider.ts";

/** `cpuMs`: processor time of the work alone. */
export type Done<T> = { result: T; ms: number; cpuMs: number; peakBytes: number };
export type Counts = {
  taken: number;
  refused: number;
  mostAtOnce: number;
  firsts: Recorded[];
  users: number;
  /** Since it was last asked. */
  arrivals: Arrival[];
};
type StoreReady = { url: string; token: string; dynamodbUrl: string; secretsUrl: string };

/** A process of its own that is ready; `work` can be asked for again and again. */
export const startChild = async <Ready>(told: Role) => {
  const profile = process.env.BENCH_CPU_PROFILE;
  const execArgv = profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [];
  const file = fileURLToPath(new URL("./throughput-child.ts", import.meta.url));
  const child = fork(file, [JSON.stringify(told)], { execArgv });
  const [ready] = (await once(child, "message")) as [Ready];
  const ask = async <T>(what: "work" | "usage"): Promise<Done<T>> => {
    child.send(what);
    const [done] = (await once(child, "message")) as [Done<T>];
    return done;
  };
  return {
    ready,
    work: <T>() => ask<T>("work"),
    /** Processor time since its start, and peak memory. */
    usage: () => ask<undefined>("usage"),
    end: async () => {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
};

/** Store, provider and an active integration: a process each. */
export const startStage = async (options: ProviderOptions) => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-bench-"));
  const provider = await startChild<{ origin: string }>({ role: "provider", ...options });
  const store = await startChild<StoreReady>({ role: "store", dataDir });
  const { url, token, dynamodbUrl, secretsUrl } = store.ready;
  const answer = await fetch(`${url}/integrations`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      application: { name: "Bench" },
      profile: "generic",
      baseUrl: provider.ready.origin,
      credentials: { type: "bearer", clientSecret: "bench-secret-token" },
    }),
  });
  const { integrationId } = (await answer.json()) as { integrationId?: string };
  if (integrationId === undefined) throw new Error(`activation answered ${answer.status}`);
  const shared = { dataDir, dynamodbUrl, secretsUrl, integrationId };
  return {
    origin: provider.ready.origin,
    url,
    token,
    integrationId,
    /** Processor time that store and provider have taken so far. */
    cpuMs: async () => ({ store: (await store.usage()).cpuMs, provider: (await provider.usage()).cpuMs }),
    counts: async () => (await provider.work<Counts>()).result,
    startCaller: (told: Pick<CallerRole, "lanes" | "prefix" | "users" | "ms">) =>
      startChild({ role: "caller", ...shared, ...told }),
    startWorker: (told: { ms: number }) => startChild({ role: "worker", ...shared, ...told }),
    /** Answers with the store's peak memory. */
    close: async () => {
      const { peakBytes } = await store.work();
      await store.end();
      await provider.end();
      rmSync(dataDir, { recursive: true, force: true });
      return peakBytes;
    },
  };
};
