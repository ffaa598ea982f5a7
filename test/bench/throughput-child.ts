import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { applyEmbeddedSettings } from "../../infra/local/embedded-settings.ts";
import { makeOrReadRunKeys } from "../../infra/local/signing/run-keys.ts";
import { freeSlots } from "../../infra/local/stream.ts";
import { Failure } from "../../shared/model/failure.ts";
import { drainIntegration } from "../../shared/provisioning/automatic/drain-integration.ts";
import { provisionUser } from "../../shared/provisioning/calls/provision-user.ts";
import { allowLoopbackTargets, ports, workerPorts } from "../../shared/runtime/services.ts";
import { type ProviderOptions, type Recorded, startThroughputProvider } from "./throughput-provider.ts";

/** What a process of the measurement is told to be. */
export type Role =
  | { role: "store"; dataDir: string }
  | ({ role: "provider" } & ProviderOptions)
  | CallerRole
  | WorkerRole
  | { role: "bare"; origin: string; token: string; lanes: number; users: number; model: Recorded[] };
export type CallerRole = {
  role: "caller";
  dataDir: string;
  dynamodbUrl: string;
  secretsUrl: string;
  integrationId: string;
  lanes: number;
  prefix: string;
  /** So many users, or as many as the time allows. */
  users?: number;
  ms?: number;
};

/** Works on what is due at the integration, on the shared store, for so long. */
export type WorkerRole = Pick<CallerRole, "dataDir" | "dynamodbUrl" | "secretsUrl" | "integrationId"> & {
  role: "worker";
  ms: number;
};

const actor = {
  initiatedBy: { type: "admin" as const, id: "bench" },
  authMethod: "token" as const,
  clientIp: "127.0.0.1",
  userAgent: "bench",
  correlation: { id: "bench", type: "request" as const },
};

/** Runs `work` for 0, 1, 2 … in lanes until it is told to stop. */
const inLanes = async (lanes: number, work: (nth: number) => Promise<boolean>): Promise<void> => {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (await work(next++));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};

/** Provisions users by the use case that PUT /integrations/{id}/users/{userId} calls, on the shared store. */
const callInLanes = async (told: CallerRole) => {
  const { integrationId, lanes, prefix, users = Number.POSITIVE_INFINITY, ms = 3_600_000 } = told;
  const until = Date.now() + ms;
  const failures: Record<string, number> = {};
  await inLanes(lanes, async (nth) => {
    if (nth >= users || Date.now() >= until) return false;
    const userId = `${prefix}-${nth}`;
    const times = { sendUntil: Date.now() + 23_000, answerUntil: Date.now() + 25_000 };
    const user = { email: `${userId}@example.com`, firstname: "Ada", lastname: "Lovelace" };
    try {
      await provisionUser(
        ports,
        { actor, ...times },
        { integrationId, userId },
        {
          ...user,
          jobTitle: "Engineer",
        },
      );
    } catch (error) {
      const code = error instanceof Failure ? error.code : String(error);
      failures[code] = (failures[code] ?? 0) + 1;
    }
    return true;
  });
  return failures;
};

const drain = async ({ integrationId, ms }: WorkerRole) => {
  const until = Date.now() + ms;
  const failures: Record<string, number> = {};
  while (Date.now() < until - 5_000) {
    const drained = await drainIntegration(workerPorts, integrationId, { until });
    for (const error of drained.failures) failures[String(error)] = (failures[String(error)] ?? 0) + 1;
    await sleep(100);
  }
  return failures;
};

/** The same requests with nothing in between: one connection kept per lane. */
const sendBare = async (told: Extract<Role, { role: "bare" }>) => {
  const agent = new Agent({ keepAlive: true, maxSockets: told.lanes });
  const headers = { authorization: `Bearer ${told.token}`, "content-type": "application/scim+json" };
  const send = ({ method, path, body }: Recorded) =>
    new Promise<void>((resolve, reject) => {
      const outgoing = request(told.origin + path, { method, agent, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          if ((incoming.statusCode ?? 0) < 300 && JSON.parse(text)) resolve();
          else reject(new Error(`${method} ${path} answered ${incoming.statusCode}`));
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body === "" ? undefined : body);
    });
  await inLanes(told.lanes, async (nth) => {
    if (nth >= told.users) return false;
    const named = (text: string) => text.replaceAll("model-0", `bare-${nth}`);
    for (const one of told.model) await send({ ...one, path: named(one.path), body: named(one.body) });
    return true;
  });
  agent.destroy();
};

const take = async (told: Role): Promise<{ ready: unknown; work: () => unknown }> => {
  switch (told.role) {
    case "store": {
      const run = await startEmbeddedRun({ port: 0, dataDir: told.dataDir });
      const { url, token, dynamodbUrl, secretsUrl } = run;
      return { ready: { url, token, dynamodbUrl, secretsUrl }, work: () => run.close() };
    }
    case "provider": {
      const provider = await startThroughputProvider(told);
      const { origin, counts, firsts, userCount, takeArrivals } = provider;
      const work = () => ({ ...counts, firsts, users: userCount(), arrivals: takeArrivals() });
      return { ready: { origin }, work };
    }
    case "caller": {
      applyEmbeddedSettings({ keys: makeOrReadRunKeys(told.dataDir), ...told });
      allowLoopbackTargets();
      return { ready: {}, work: () => callInLanes(told) };
    }
    case "worker": {
      applyEmbeddedSettings({ keys: makeOrReadRunKeys(told.dataDir), ...told });
      allowLoopbackTargets(undefined, { wakeUps: { wake: async () => undefined }, slots: freeSlots });
      return { ready: {}, work: () => drain(told) };
    }
    case "bare":
      return { ready: {}, work: () => sendBare(told) };
  }
};

const { ready, work } = await take(JSON.parse(process.argv[2] ?? "{}"));
process.on("message", async (asked) => {
  const began = { at: performance.now(), cpu: process.cpuUsage() };
  const result = asked === "work" ? await work() : undefined;
  const ms = performance.now() - began.at;
  // Of the work alone, or all that it has taken so far.
  const { user, system } = process.cpuUsage(asked === "work" ? began.cpu : undefined);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.send?.({ result, ms, cpuMs: (user + system) / 1000, peakBytes });
});
process.once("disconnect", () => process.exit(0));
process.send?.(ready);
