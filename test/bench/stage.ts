import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordedRequest } from "../providers/provider.ts";
import { startChild } from "./child.ts";
import type { Operation } from "./observe-store.ts";

export type Answer = { status: number; body: Record<string, unknown> };
type UsherReady = { url: string; token: string; dynamodbUrl: string };
type ProviderReady = { baseUrl: string; token: string };

/** What one call made the service do. */
export type Observed = { answer: Answer; requests: RecordedRequest[]; operations: Operation[] };

export type Stage = {
  dataDir: string;
  dynamodbUrl: string;
  integrationId: string;
  /** Calls Usher; throws unless it answers 200 or 201. A path starts behind the integration: `/users/ada`. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Calls the provider with nothing in between. */
  callProvider(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same as `call`, with all that it sent and stored; slower, so never in a measurement of time. */
  observe(method: string, path: string, body?: unknown): Promise<Observed>;
  /** All that was sent and stored while `work` was under way. */
  watch(work: () => Promise<unknown>): Promise<Omit<Observed, "answer">>;
  /** Calls Usher as `call` does, by a path that starts at its root. */
  callUsher(method: string, path: string, body?: unknown): Promise<Answer>;
  saveUser(userId: string): Promise<void>;
  /** Milliseconds of processor time that the embedded run has taken so far. */
  cpuMs(): Promise<number>;
  /** The largest memory that the embedded run ever took so far. */
  peakBytes(): Promise<number>;
  /** Ends everything. Answers with the peak memory of the embedded run. */
  close(): Promise<number>;
};

/** A person of the directory. `title` is the attribute that measurements change. */
export const person = (userId: string, title = "Engineer") => ({
  email: `${userId}@example.com`,
  firstname: "Ada",
  lastname: "Lovelace",
  jobTitle: title,
  department: "Engineering",
});

/** The embedded run with an active strongDM integration, and the provider behind it: a process each. */
export const startStage = async (latencyMs: number): Promise<Stage> => {
  const dataDir = makeFolder();
  const provider = await startChild<ProviderReady>("./provider-child.ts", [String(latencyMs)]);
  const usher = await startChild<UsherReady>("./usher-child.ts", [dataDir]);
  const agent = new Agent({ keepAlive: true, maxSockets: 50, maxFreeSockets: 10, scheduling: "lifo" });
  const { url, token, dynamodbUrl } = usher.ready;
  const { baseUrl } = provider.ready;

  const callUsher = (method: string, path: string, body?: unknown) =>
    send(agent, { method, url: url + path, token, type: "application/json", body });
  const { body: integration } = await callUsher("POST", "/integrations", {
    application: { name: "strongDM" },
    profile: "strongdm",
    baseUrl,
    credentials: { type: "bearer", clientSecret: provider.ready.token },
  });
  const call: Stage["call"] = (method, path, body) =>
    callUsher(method, `/integrations/${integration.integrationId}${path}`, body);

  const watch: Stage["watch"] = async (work) => {
    await provider.ask("requests");
    await usher.ask("observe");
    await work();
    const operations = await usher.ask<Operation[]>("operations");
    return { operations, requests: await provider.ask<RecordedRequest[]>("requests") };
  };

  return {
    dataDir,
    dynamodbUrl,
    integrationId: String(integration.integrationId),
    call,
    callUsher,
    watch,
    callProvider: (method, path, body) =>
      send(agent, {
        method,
        url: baseUrl + path,
        token: provider.ready.token,
        type: "application/scim+json",
        body,
      }),
    observe: async (method, path, body) => {
      let answer: Answer | undefined;
      const seen = await watch(async () => {
        answer = await call(method, path, body);
      });
      return { answer: answer as Answer, ...seen };
    },
    saveUser: async (userId) => {
      await callUsher("PUT", `/users/${userId}`, person(userId));
    },
    cpuMs: usher.cpuMs,
    peakBytes: () => usher.ask("peak"),
    close: async () => {
      agent.destroy();
      const peak = await usher.stop();
      await provider.stop();
      rmSync(dataDir, { recursive: true, force: true });
      return peak;
    },
  };
};

const folders = new Set<string>();
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** A folder that is gone at the end, however the process ends. */
export const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "usher-bench-"));
  folders.add(folder);
  return folder;
};

type Sent = { method: string; url: string; token: string; type: string; body: unknown };

/** One exchange over a connection that is kept. 202 is a call that has to be repeated; the caller sees to that. */
export const send = async (agent: Agent, { method, url, token, type, body }: Sent): Promise<Answer> => {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = {
    authorization: `Bearer ${token}`,
    ...(payload ? { "content-type": type, "content-length": payload.length } : {}),
  };
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const outgoing = request(url, { method, agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
  if (status < 200 || status > 299) throw new Error(`${method} ${url} answered ${status}: ${text}`);
  return { status, body: text === "" ? {} : JSON.parse(text) };
};
