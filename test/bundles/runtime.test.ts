import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { writeScripts } from "./runtime/environment.ts";
import { type Lambda, startLambdaService } from "./runtime/lambda.ts";

const folder = mkdtempSync(join(tmpdir(), "usher-runtime-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const caPath = join(folder, "ca.pem");
writeFileSync(caPath, "");
const scripts = writeScripts(folder);

let made = 0;
/** A Lambda of this source, with a network of one name that leads inside and one that leads nowhere. */
const given = (
  source: string,
  { timeoutMs = 10_000 } = {},
): Lambda & { name: string; arn: string; lines: string[] } => {
  const name = `sample-${++made}`;
  const code = join(folder, name);
  mkdirSync(code);
  writeFileSync(join(code, "index.mjs"), source);
  const lines: string[] = [];
  const network = {
    "inside.example.com": { address: "10.0.0.7" },
    "*.example.org": { address: "192.0.2.9" },
  };
  const service = startLambdaService({ scripts, network, caPath, onOutput: (text) => lines.push(text) });
  onTestFinished(() => service.close());
  const environment = { TABLE: "things" };
  const arn = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  const lambda = service.lambda({
    name,
    arn,
    code,
    handler: "index.handler",
    timeoutMs,
    memoryMb: 512,
    environment,
  });
  return { ...lambda, name, arn, lines };
};
const answered = async (lambda: Lambda, event: unknown = {}) => {
  const outcome = await lambda.invoke(event);
  return "payload" in outcome ? JSON.parse(outcome.payload) : outcome;
};

test("a handler gets its event and a context, and its answer comes back", async () => {
  const lambda = given(`export const handler = async (event, context) => ({
    event, name: context.functionName, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() });`);
  const answer = await answered(lambda, { hello: "é" });
  expect(answer).toMatchObject({ event: { hello: "é" }, name: lambda.name, arn: lambda.arn });
  expect(answer.left).toBeGreaterThan(9_000);
});

test("a process knows the environment of its Lambda and nothing of this machine's", async () => {
  process.env.USHER_TEST_STRANGER = "yes";
  onTestFinished(() => void delete process.env.USHER_TEST_STRANGER);
  const names: string[] = await answered(
    given("export const handler = async () => Object.keys(process.env);"),
  );
  expect(names).toContain("TABLE");
  expect(
    names.filter((name) => !/^(AWS_|LAMBDA_|_HANDLER$|TABLE$|TZ$|LANG$|NODE_EXTRA_CA_CERTS$)/.test(name)),
  ).toEqual([]);
});

test("one process takes one invocation after the other, and stands still in between", async () => {
  const lambda = given(`let ticks = 0; setInterval(() => ticks++, 5); const id = process.pid;
    export const handler = async () => ({ id, ticks });`);
  const first = await answered(lambda);
  await sleep(400);
  const second = await answered(lambda);
  expect(second.id).toBe(first.id);
  // 80 would have passed.
  expect(second.ticks - first.ticks).toBeLessThan(20);
});

test("two invocations at once run in two processes", async () => {
  const lambda = given(`import { setTimeout as sleep } from "node:timers/promises";
    export const handler = async () => { await sleep(200); return process.pid; };`);
  const ids = await Promise.all([answered(lambda), answered(lambda)]);
  expect(new Set(ids).size).toBe(2);
});

test("an invocation that takes too long is killed, and the next one starts anew", async () => {
  const lambda = given(
    "export const handler = async (event) => event.hang ? new Promise((r) => setTimeout(r, 60_000)) : process.pid;",
    { timeoutMs: 500 },
  );
  const before = await answered(lambda);
  expect(await lambda.invoke({ hang: true })).toEqual({
    errorType: "Sandbox.Timedout",
    errorMessage: "Task timed out after 0.50 seconds",
  });
  const after = await answered(lambda);
  expect(after).toBeTypeOf("number");
  expect(after).not.toBe(before);
});

test("what a handler throws is its outcome, and the process goes on", async () => {
  const lambda = given(`export const handler = async (event) => {
    if (event.fail) throw new TypeError("no"); return process.pid; };`);
  const before = await answered(lambda);
  expect(await lambda.invoke({ fail: true })).toEqual({ errorType: "TypeError", errorMessage: "no" });
  expect(await answered(lambda)).toBe(before);
});

test.each([
  ["a bundle that does not load", "import 'nowhere'; export const handler = () => 1;", "Error", /nowhere/],
  ["a bundle without the handler", "export const other = () => 1;", "Error", /index\.handler/],
  ["a process that exits", "export const handler = () => process.exit(3);", "Runtime.ExitError", /status 3/],
  [
    "a rejection that nobody handles",
    "export const handler = () => { Promise.reject(new Error('lost')); return new Promise(() => setInterval(() => {}, 1000)); };",
    "Runtime.UnhandledPromiseRejection",
    /lost/,
  ],
])("%s is told", async (_name, source, errorType, errorMessage) => {
  expect(await given(source).invoke({})).toEqual({
    errorType,
    errorMessage: expect.stringMatching(errorMessage),
  });
});

test("an answer of more than 6 MB is refused", async () => {
  const lambda = given('export const handler = async ({ size }) => "x".repeat(size);');
  expect(await answered(lambda, { size: 6_291_000 })).toHaveLength(6_291_000);
  expect(await lambda.invoke({ size: 6_300_000 })).toMatchObject({
    errorType: "Function.ResponseSizeTooLarge",
  });
});

test("what a handler prints is read", async () => {
  const lambda = given("export const handler = async () => { console.log('a line'); };");
  expect(await answered(lambda)).toBe(null);
  expect(lambda.lines.join("")).toBe("a line\n");
});

test("nothing outside of the network is reached: no name, no address, and not this machine", async () => {
  const lambda =
    given(`import dns from "node:dns"; import net from "node:net"; import https from "node:https";
    const codeOf = (start) => new Promise((r) => start((error) => r(error?.code ?? "reached")));
    const connect = (options) => codeOf((then) => net.connect(options).once("error", then).once("connect", () => then()));
    export const handler = async ({ port }) => ({
      unknown: await connect({ host: "unknown.example.net", port: 443 }),
      inside: await connect({ host: "inside.example.com", port: 443 }),
      address: await connect({ host: "192.0.2.9", port: 443 }),
      here: await connect({ host: "127.0.0.1", port }),
      https: await codeOf((then) => https.get("https://a.example.org/").once("error", then)),
      told: await new Promise((r) => dns.lookup("inside.example.com", (_e, address) => r(address))),
    });`);
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as { port: number };
  expect(await answered(lambda, { port })).toEqual({
    unknown: "ENOTFOUND",
    inside: "EHOSTUNREACH",
    address: "EHOSTUNREACH",
    here: "EHOSTUNREACH",
    https: "EHOSTUNREACH",
    told: "10.0.0.7",
  });
});
