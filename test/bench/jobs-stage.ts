import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "./child.ts";
import type { StoreCounts } from "./count-store.ts";
import type { Recorded } from "./front-provider.ts";
import { copyBlocks, groupIdIn, userIdIn } from "./jobs-fill.ts";
import { makeFolder, person, send } from "./stage.ts";

const pollMs = 50;

/** What a job came to. `bytesAbove`: the most memory while it ran, above that of the idle run before. */
export type Ran = {
  job: { syncId?: string; status: string; counts: Record<string, number> };
  ms: number;
  cpuMs: number;
  bytesAbove: number;
  requests: Recorded[];
  store: StoreCounts;
};

export type JobStage = Awaited<ReturnType<typeof startJobStage>>;

/** The embedded run with an integration, and its provider, which keeps whole lists: a process each. */
export const startJobStage = async ({ latencyMs = 0, atOnce = 1_000 } = {}) => {
  const dataDir = makeFolder();
  const provider = await startChild<{ origin: string }>("./jobs-provider.ts", [
    String(latencyMs),
    String(atOnce),
  ]);
  const startUsher = () =>
    startChild<{ url: string; token: string }>("./jobs-child.ts", [dataDir], { execArgv: ["--expose-gc"] });
  let usher = await startUsher();
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const callUsher = (method: string, path: string, body?: unknown) =>
    send(agent, {
      method,
      url: usher.ready.url + path,
      token: usher.ready.token,
      type: "application/json",
      body,
    });
  const { body: integration } = await callUsher("POST", "/integrations", {
    application: { name: "Bench" },
    profile: "generic",
    baseUrl: provider.ready.origin,
    credentials: { type: "bearer", clientSecret: "bench-secret-token" },
    // What is measured is asked for.
    policies: { verifyEvery: "0" },
  });
  const root = `/integrations/${integration.integrationId}`;
  const call = (method: string, path: string, body?: unknown) => callUsher(method, root + path, body);

  return {
    call,
    askProvider: provider.ask,
    origin: provider.ready.origin,
    /** The model block, by calls: a bound group of so many, all of whom have their accounts. */
    makeTeam: async (members: number): Promise<void> => {
      const ids = Array.from({ length: members }, (_, nth) => userIdIn(0, nth));
      for (const id of ids) await callUsher("PUT", `/users/${id}`, person(id));
      const name = groupIdIn(0);
      while ((await call("PUT", `/groups/${name}`, { name, members: ids })).status === 202);
    },
    /** The model block, by calls: so many users who wait for their accounts while the integration is paused. */
    makeWaiting: async (users: number): Promise<void> => {
      await call("POST", "/pause");
      for (const id of Array.from({ length: users }, (_, nth) => userIdIn(0, nth)))
        await call("PUT", `/users/${id}`, person(id));
    },
    /** Copies of it, past the front and with no run there; then the run starts anew. */
    copy: async (blocks: { from: number; to: number; isDue?: boolean }): Promise<void> => {
      await usher.stop();
      await copyBlocks(dataDir, blocks);
      usher = await startUsher();
    },
    /** Has a job done, by the path and the body of the call that asks for it, from then until it has ended. */
    run: async (asked: string, body: object): Promise<Ran> => {
      const idle = await usher.ask<number>("idle");
      await provider.ask("requests");
      await usher.ask("counts");
      const began = { at: performance.now(), cpu: await usher.cpuMs() };
      const { body: begun } = await call("POST", asked, body);
      const path = "syncId" in begun ? `/syncs/${begun.syncId}` : `/import/jobs/${begun.jobId}`;
      let job: Ran["job"];
      do {
        await sleep(pollMs);
        job = (await call("GET", path)).body as Ran["job"];
      } while (job.status === "running");
      const ms = performance.now() - began.at;
      if (job.status === "failed") throw new Error(`${path}: ${JSON.stringify(job)}`);
      return {
        job,
        ms,
        cpuMs: (await usher.cpuMs()) - began.cpu,
        bytesAbove: (await usher.ask<number>("most")) - idle,
        requests: await provider.ask<Recorded[]>("requests"),
        store: await usher.ask<StoreCounts>("counts"),
      };
    },
    close: async (): Promise<void> => {
      agent.destroy();
      await usher.stop();
      await provider.stop();
    },
  };
};
