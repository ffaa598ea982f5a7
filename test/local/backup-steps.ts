import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type StartedUsher, startUsher } from "./start-process.ts";

const fileOf = (name: string) => fileURLToPath(new URL(`../../infra/local/${name}.ts`, import.meta.url));

/** What a process ended with. */
export type Ended = { code: number | null; out: string; err: string };
export type Running = { child: ChildProcess; ended: Promise<Ended> };

/** `npm run backup` (`back-up`) or `npm run restore` as its own process, without npm. */
export const startCopying = (
  name: "back-up" | "restore",
  { folder, dataDir, cwd }: { folder: string; dataDir: string; cwd?: string },
): Running => {
  const own = Object.entries(process.env).filter(([key]) => !/^(USHER_|INIT_CWD$|npm_config_)/.test(key));
  const env = { ...Object.fromEntries(own), USHER_DATA_DIR: dataDir };
  const child = spawn(process.execPath, [fileOf(name), folder], { env, ...(cwd && { cwd }) });
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text.out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text.err += chunk;
  });
  return { child, ended: once(child, "close").then(() => ({ code: child.exitCode, ...text })) };
};

export const backUp = (dataDir: string, folder: string): Promise<Ended> =>
  startCopying("back-up", { dataDir, folder }).ended;
export const restore = (folder: string, dataDir: string): Promise<Ended> =>
  startCopying("restore", { dataDir, folder }).ended;

export type Json = Record<string, unknown> & { items: Json[]; nextCursor?: string };

/** Calls of a run, with the token that is kept with its data. */
export const connect = (usher: StartedUsher, dataDir: string) => {
  const url = usher.urlAt("running at");
  const token = readFileSync(join(dataDir, "token"), "utf8").trim();
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Json };
  };
  const all = async (path: string) => {
    const items: Json[] = [];
    for (let cursor = ""; ; ) {
      const { body } = await call("GET", `${path}limit=500${cursor}`);
      items.push(...body.items);
      if (body.nextCursor === undefined) return items;
      cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
    }
  };
  return { ...usher, call, all };
};
export type Connected = ReturnType<typeof connect>;

export const activate = async ({ call }: Connected, provider: { baseUrl: string; token: string }) => {
  const { status, body } = await call("POST", "/integrations", {
    application: { name: "Test" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: provider.token },
  });
  if (status !== 201) throw new Error(`the activation answered ${status}`);
  return `/integrations/${body.integrationId}`;
};
export const person = (userId: string) => ({
  email: `${userId}@example.com`,
  firstname: "Ada",
  lastname: userId,
});

/** A backup of a run with one integration and one user, both in `root`. */
export const givenBackup = async (root: string, provider: { baseUrl: string; token: string }) => {
  const [dataDir, folder] = [join(root, "data"), join(root, "backup")];
  const started = await startUsher({ words: ["--quiet"], cwd: root, env: { USHER_DATA_DIR: dataDir } });
  const usher = connect(started, dataDir);
  const path = await activate(usher, provider);
  await usher.call("PUT", `${path}/users/ada`, person("ada"));
  await usher.end();
  const { code, err } = await backUp(dataDir, folder);
  if (code !== 0) throw new Error(err);
  return { dataDir, folder, path };
};
