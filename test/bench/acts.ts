import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "./child.ts";
import { mebibytes } from "./figures.ts";

type Ready = { url: string; token: string };
type Answer = { status: number; body: Record<string, unknown> };

/** A provider that answers at once: users are found by name or id, made and changed. */
const startProvider = async () => {
  const users = new Map<string, Record<string, unknown>>();
  const named = (userName: unknown) => [...users.values()].filter((user) => user.userName === userName);
  const answer = (method: string, path: string, text: string): [number, unknown] => {
    const id = /^\/Users\/([^?]+)/.exec(path)?.[1];
    if (method === "POST") {
      const user = { ...JSON.parse(text), id: `u-${users.size}` };
      users.set(user.id, user);
      return [201, user];
    }
    if (id !== undefined) {
      const known = users.get(id);
      if (method === "PATCH") {
        for (const { path: at, value } of JSON.parse(text).Operations) {
          if (known) Object.assign(known, at === undefined ? value : { [at]: value });
        }
      }
      if (method === "PUT") Object.assign(known ?? {}, JSON.parse(text));
      return known ? [200, known] : [404, {}];
    }
    // Only the test of the target finds somebody by this way: names here are new.
    const name = /eq "([^"]+)"/.exec(decodeURIComponent(path))?.[1];
    const Resources = users.size < 50 ? named(name) : [];
    const schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"];
    return [200, { schemas, totalResults: Resources.length, Resources }];
  };
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const [status, body] = answer(
        incoming.method ?? "",
        incoming.url ?? "",
        Buffer.concat(chunks).toString(),
      );
      outgoing.writeHead(status, { "content-type": "application/scim+json" });
      outgoing.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close().closeAllConnections() };
};

const bytesOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).reduce(
    (sum, file) => sum + (statSync(join(folder, file)).isFile() ? statSync(join(folder, file)).size : 0),
    0,
  );

/** Creates and updates through the HTTP front of the embedded run, against a provider without delay. */
export const acts = async (users = 1000, lanes = 16): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-bench-"));
  const provider = await startProvider();
  const usher = await startChild<Ready>("./usher-child.ts", [dataDir]);
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const headers = { authorization: `Bearer ${usher.ready.token}`, "content-type": "application/json" };
  const send = (method: string, path: string, body: unknown) =>
    new Promise<Answer>((resolve, reject) => {
      const outgoing = request(usher.ready.url + path, { method, headers, agent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () =>
          resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
        );
      });
      outgoing.on("error", reject);
      outgoing.end(JSON.stringify(body));
    });
  const made = await send("POST", "/integrations", {
    application: { name: "Bench" },
    profile: "generic",
    baseUrl: provider.origin,
    credentials: { type: "bearer", clientSecret: "bench-secret-token" },
  });
  if (made.status !== 201) throw new Error(`activation answered ${made.status}`);
  const put = (nth: number, jobTitle: string) => {
    const user = { email: `user-${nth}@example.com`, firstname: "Ada", lastname: "Lovelace", jobTitle };
    return send("PUT", `/integrations/${made.body.integrationId}/users/user-${nth}`, user);
  };
  const measure = async (name: string, jobTitle: string, action: string, from: number, to: number) => {
    const written = () => usher.ask<number>("written");
    const began = { at: performance.now(), cpu: await usher.cpuMs(), written: await written() };
    let next = from;
    const lane = async () => {
      while (next < to) {
        const { status, body } = await put(next++, jobTitle);
        if (status !== 200 || body.action !== action) throw new Error(`${status} ${JSON.stringify(body)}`);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    const seconds = (performance.now() - began.at) / 1000;
    const cpu = ((await usher.cpuMs()) - began.cpu) / (to - from);
    const kilobytes = ((await written()) - began.written) / (to - from) / 1024;
    console.log(
      `${name}: ${((to - from) / seconds).toFixed(0)}/s, ${cpu.toFixed(2)} ms of processor time and ${kilobytes.toFixed(1)} KB written to disk each`,
    );
  };
  await measure("warm-up", "Engineer", "created", 0, 200);
  await measure("creates", "Engineer", "created", 200, 200 + users);
  await measure("updates", "Architect", "updated", 200, 200 + users);
  const peak = await usher.stop();
  console.log(`peak memory ${mebibytes(peak)}, data folder ${mebibytes(bytesOf(dataDir))}`);
  agent.destroy();
  provider.close();
  rmSync(dataDir, { recursive: true, force: true });
};

/** Alone: `node test/bench/acts.ts [USERS] [LANES]`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [users, lanes] = process.argv.slice(2).map(Number);
  await acts(users, lanes);
}
