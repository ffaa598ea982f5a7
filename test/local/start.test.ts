import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { readArguments, usage } from "../../infra/local/arguments.ts";
import { runUsher, type StartOptions, startUsher } from "./start-process.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "usher start's "));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const start = async (options: Omit<StartOptions, "cwd"> = {}) => {
  const usher = await startUsher({ ...options, cwd });
  onTestFinished(() => usher.end("SIGKILL"));
  return usher;
};
const bash = async (script: string) => (await promisify(execFile)("bash", ["-c", script], { cwd })).stdout;
const json = async (url: string, token: string, method = "GET", body?: object) => {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
};
const tokenIn = (...path: string[]) => readFileSync(join(cwd, ...path, "token"), "utf8").trim();

test("the printed curl activates the sandbox, whose accounts and addresses outlive a kill", async () => {
  const first = await start({ words: ["--sandbox", "--quiet"] });
  const [, curl = ""] = /\n\n(curl [\s\S]+?)\n\n/.exec(first.out()) ?? [];
  const { integrationId } = JSON.parse(await bash(curl));
  const [token, providerToken] = [tokenIn(".usher-sandbox"), tokenIn(".usher-sandbox", "provider")];
  const ada = `/integrations/${integrationId}/users/ada`;
  const user = { email: "ada@example.com", firstname: "Ada", lastname: "Osei" };
  expect(await json(first.urlAt("running at") + ada, token, "PUT", user)).toMatchObject({
    action: "created",
  });
  await first.end("SIGKILL");

  const second = await start({ words: ["--sandbox"] });
  for (const words of ["try it with is running at", "DynamoDB", "Secrets Manager"])
    expect(second.urlAt(words)).toBe(first.urlAt(words));
  const users = `${second.urlAt("try it with is running at")}/Users`;
  expect(await json(users, providerToken)).toMatchObject({ totalResults: 21 });
  const changed = { ...user, jobTitle: "Engineer" };
  expect(await json(second.urlAt("running at") + ada, token, "PUT", changed)).toMatchObject({
    action: "updated",
  });
  expect(await json(second.urlAt("running at") + ada, token, "DELETE")).toMatchObject({
    action: "deprovisioned",
  });
});

test("each call is one line without ids or names, and none where quiet is asked for", async () => {
  const usher = await start();
  const quiet = await start({ words: ["--quiet"], env: { USHER_DATA_DIR: "other" } });
  for (const one of [usher, quiet]) {
    const url = one.urlAt("running at");
    await json(`${url}/users/ada.osei`, one === usher ? tokenIn(".usher") : tokenIn("other"));
    await fetch(`${url}/users/ada.osei`, { method: "PUT" });
    await fetch(`${url}/nowhere/ada.osei`);
    await fetch(`${url}/health`);
    await one.end();
  }
  const [, listed = ""] = usher.out().split("listed from here on:\n");
  expect(
    listed
      .replaceAll(/\d+ ms/g, "N ms")
      .replaceAll(/ +/g, " ")
      .split("\n"),
  ).toEqual([
    "GET /users/{userId} 404 N ms",
    "PUT /users/{userId} 401 N ms",
    "GET (no such path) 401 N ms",
    "GET /health 200 N ms",
    "",
  ]);
  expect(quiet.out()).toMatch(/Ctrl-C stops it\.\n$/);
}, 60_000);

test.each([
  [["--sandbocks"], "Unknown option '--sandbocks'"],
  [["sandbox"], "Unexpected argument 'sandbox'"],
  [["--quiet=yes"], "Option '--quiet' does not take an argument"],
])("the arguments %s are refused with the usage", async (words, what) => {
  const { code, out, err } = await runUsher({ words, cwd });
  expect([code, out]).toEqual([1, ""]);
  expect(err).toBe(`Usher cannot run: ${what}\nUsage: npm start -- [--sandbox] [--quiet] [--help]\n`);
});

test("help is printed and starts nothing", async () => {
  expect(await runUsher({ words: ["--help"], cwd })).toEqual({ code: 0, out: `${usage}\n`, err: "" });
});

test("an option that npm took for itself is told", () => {
  expect(() => readArguments([], { npm_config_sandbox: "true" })).toThrow("npm start -- --sandbox");
  expect(readArguments(["--sandbox"], {})).toEqual({ sandbox: true, quiet: false, help: false });
});

test("the endpoints stay where they are over restarts, unless a port is taken, which is told", async () => {
  const first = await start();
  await first.end();
  const second = await start();
  expect(second.urlAt("DynamoDB")).toBe(first.urlAt("DynamoDB"));
  expect(second.urlAt("Secrets Manager")).toBe(first.urlAt("Secrets Manager"));
  await second.end();

  const port = Number(new URL(first.urlAt("DynamoDB")).port);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  const third = await start();
  expect(third.out()).toContain(`(it was at port ${port} before)`);
  expect(third.urlAt("DynamoDB")).not.toBe(first.urlAt("DynamoDB"));
  expect(third.urlAt("Secrets Manager")).toBe(first.urlAt("Secrets Manager"));
}, 60_000);

test("a sandbox whose port is taken does not start elsewhere, where no integration would find it", async () => {
  const first = await start({ words: ["--sandbox"] });
  const port = Number(new URL(first.urlAt("try it with is running at")).port);
  await first.end();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  const { code, err } = await runUsher({ words: ["--sandbox"], cwd, env: { USHER_PORT: "0" } });
  expect(code).toBe(1);
  expect(err).toContain(`port ${port}, for the sandbox's service provider, is taken by another program.`);
});

test("a second sandbox over the same folder is told that it is in use", async () => {
  await start({ words: ["--sandbox"] });
  const { err } = await runUsher({ words: ["--sandbox"], cwd, env: { USHER_PORT: "0" } });
  const told = `data folder ${join(cwd, ".usher-sandbox")} is in use by another run. End that one first, or set USHER_DATA_DIR to another folder.`;
  expect(err).toBe(`Usher cannot run: ${told}\n`);
});

test("a relative data folder starts where npm was called, and is its owner's alone", async () => {
  const inner = join(cwd, "inner");
  mkdirSync(inner);
  const usher = await start({ env: { USHER_DATA_DIR: "my data/usher", INIT_CWD: inner } });
  expect(usher.out()).toContain(join(inner, "my data/usher/token"));
  expect(statSync(join(inner, "my data/usher")).mode & 0o777).toBe(0o700);
});
