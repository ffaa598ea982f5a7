import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StartedUsher, startUsher } from "./start-process.ts";

type Answer = { status: number; body: Record<string, unknown> };

let cwd = "";
let usher: StartedUsher;
let integration = "";
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "usher-burst-"));
  usher = await startUsher({ words: ["--sandbox", "--quiet"], cwd });
  const { body } = await call("POST", "/integrations", {
    application: { name: "Sandbox" },
    baseUrl: usher.urlAt("try it with is running at"),
    credentials: { type: "bearer", clientSecret: tokenIn(".usher-sandbox/provider") },
  });
  integration = `/integrations/${body.integrationId}`;
});
afterAll(async () => {
  await usher.end("SIGKILL");
  rmSync(cwd, { recursive: true });
});

const tokenIn = (folder: string) => readFileSync(join(cwd, folder, "token"), "utf8").trim();
/** A connection for each call, all at once. */
const agent = new Agent({ keepAlive: false });
const call = (method: string, path: string, body?: object) =>
  new Promise<Answer>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${tokenIn(".usher-sandbox")}`,
      "content-type": "application/json",
    };
    const sent = request(usher.urlAt("running at") + path, { method, headers, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
/** On a machine too slow for all of them within the patience of the front some are refused, and repeated as told. */
const callUntilTaken = async (path: string, user: object): Promise<Answer> => {
  const answer = await call("PUT", path, user);
  const isRefused = answer.status === 503 && String(answer.body.detail).includes("this one was not begun");
  return isRefused ? callUntilTaken(path, user) : answer;
};
const burst = (userIdOf: (at: number) => string) =>
  Promise.all(
    Array.from({ length: 500 }, (_, at) => {
      const userId = userIdOf(at);
      const user = { email: `${userId}@example.com`, firstname: "Ada", lastname: "Osei", jobTitle: `${at}` };
      return callUntilTaken(`${integration}/users/${userId}`, user);
    }),
  );
const countOf = (answers: Answer[]) => Object.groupBy(answers, ({ status }) => status);

test("500 calls at once for 500 users all end well", async () => {
  const answers = await burst((at) => `user-${at}`);
  expect(Object.keys(countOf(answers))).toEqual(["200"]);
  const { body } = await call("GET", "/events?success=false");
  expect(body.items).toEqual([]);
}, 110_000);

test("500 calls at once for one user make one account, which shows the last word", async () => {
  const answers = await burst(() => "ada");
  // Where an attempt takes long, another call for the same user may be told to come again.
  expect(["200", "202", "409"]).toEqual(expect.arrayContaining(Object.keys(countOf(answers))));
  expect(answers.filter(({ body }) => body.action === "created")).toHaveLength(1);
  const { body: saved } = await call("GET", "/users/ada");
  const { body: settled } = await call("PUT", `${integration}/users/ada`);
  expect(settled).toMatchObject({ state: "in_sync" });
  const headers = { authorization: `Bearer ${tokenIn(".usher-sandbox/provider")}` };
  const filter = encodeURIComponent('userName eq "ada@example.com"');
  const there = await fetch(`${usher.urlAt("try it with is running at")}/Users?filter=${filter}`, {
    headers,
  });
  expect(await there.json()).toMatchObject({
    totalResults: 1,
    Resources: [{ title: (saved as { jobTitle?: string }).jobTitle }],
  });
}, 110_000);

test("the memory stays bounded", () => {
  const status = `/proc/${usher.child.pid}/status`;
  if (!existsSync(status)) return;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8")) ?? [];
  expect(Number(kilobytes) / 1024).toBeLessThan(500);
});
