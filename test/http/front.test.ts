import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import * as z from "zod";
import { endpoint as health, handler as healthHandler } from "../../functions/health.ts";
import { handler as notFound } from "../../functions/not-found.ts";
import { type HttpFront, type HttpFrontOptions, startHttpFront } from "../../infra/local/front/http-front.ts";
import { callerFinder, readOrMakeTokens } from "../../infra/local/front/local-callers.ts";
import { defineEndpoint } from "../../shared/http/endpoint.ts";
import { lambda } from "../../shared/http/lambda.ts";
import { userIdSchema } from "../../shared/model/directory.ts";
import { things } from "./support.ts";

const token = "test-token";
const tokens = { read: { token: "auditor" }, provision: { token: "provisioner" }, admin: { token } };
const fronts: HttpFront[] = [];
afterEach(async () => {
  for (const front of fronts.splice(0)) await front.close();
});

const echo = defineEndpoint({
  ...things,
  method: "PUT",
  path: "/integrations/{integrationId}/users/{userId}",
  params: z.object({ integrationId: z.string(), userId: userIdSchema }),
  body: z.strictObject({ name: z.string() }).optional(),
  handle: async ({ params, body, caller, method, path }) => ({
    status: 200,
    body: { params, body: body ?? null, caller, method, path },
  }),
});

type Options = Pick<HttpFrontOptions, "arrivalMs" | "limits"> & {
  handle?: (request: { deadline: number }) => Promise<{ status: number }>;
};

const start = async (options: Options = {}) => {
  const { handle, ...rest } = options;
  const slow = defineEndpoint({
    ...things,
    path: "/slow",
    handle: handle ?? (async () => ({ status: 204 })),
  });
  const front = await startHttpFront({
    ...rest,
    tokens,
    functions: [
      { endpoint: echo, handler: lambda(echo) },
      { endpoint: slow, handler: lambda(slow) },
      { endpoint: health, handler: healthHandler },
    ],
    notFound,
  });
  fronts.push(front);
  const send = (
    method: string,
    path: string,
    parts: { body?: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> } = {},
  ) =>
    fetch(`${front.url}${path}`, {
      method,
      ...(parts.body === undefined ? {} : { body: parts.body }),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...parts.headers },
    });
  return { front, send, port: Number(new URL(front.url).port) };
};

const jsonOf = async (response: Response) => (await response.json()) as Record<string, unknown>;

/** Bytes as they are, and all that comes back until the server closes. */
const sendRaw = (port: number, text: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
    socket.write(text);
  });

const path = "/integrations/i-1/users/ada%40example.com";

test("a request reaches the handler of its route, with the caller of the token", async () => {
  const { send } = await start();
  const response = await send("PUT", path, {
    body: '{"name":"Ada"}',
    headers: { "change-reason": Buffer.from("Prüfung").toString("latin1"), "x-correlation-id": "c-1" },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("x-correlation-id")).toBe("c-1");
  expect(await response.json()).toEqual({
    params: { integrationId: "i-1", userId: "ada@example.com" },
    body: { name: "Ada" },
    method: "PUT",
    path,
    caller: expect.objectContaining({
      initiatedBy: { type: "admin", id: "local-admin" },
      authMethod: "token",
      clientIp: "127.0.0.1",
      reason: "Prüfung",
    }),
  });
});

test("health is open and says ok", async () => {
  const { front } = await start();
  const response = await fetch(`${front.url}/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

test("HEAD of an open route is its GET without a body", async () => {
  const { front } = await start();
  const response = await fetch(`${front.url}/health`, { method: "HEAD" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
  expect((await fetch(`${front.url}/health?x=1`, { method: "HEAD" })).status).toBe(400);
});

test.each([undefined, "Bearer wrong", "Bearer", `Basic ${token}`, `bearer ${token}x`])(
  "authorization %s: 401 problem that names the scheme",
  async (authorization) => {
    const { front } = await start();
    for (const url of [`${front.url}${path}`, `${front.url}/nowhere`]) {
      const response = await fetch(url, { method: "PUT", headers: authorization ? { authorization } : {} });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(await response.json()).toMatchObject({ code: "unauthenticated", status: 401 });
    }
  },
);

test("a call beyond the role is 403 in words, before its body is asked for", async () => {
  const handle = vi.fn(async () => ({ status: 204 }));
  const { send, port } = await start({ handle });
  const slow = (authorization: string) => send("POST", "/slow", { body: "{", headers: { authorization } });
  const refused = await slow("Bearer auditor");
  expect(refused.status).toBe(403);
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
  expect(await jsonOf(refused)).toMatchObject({
    code: "forbidden",
    detail:
      "The call needs the role provision, and this token has the role read. Send a token that may make it.",
  });
  const asking = `POST /slow HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n`;
  expect(await sendRaw(port, `${asking}Authorization: Bearer auditor\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /);
  expect(handle).not.toHaveBeenCalled();
  expect((await send("POST", "/slow", { headers: { authorization: "Bearer provisioner" } })).status).toBe(
    204,
  );
});

test("a caller of any role is told that there is no such path, and no one without a token", async () => {
  const { send } = await start();
  for (const { token: one } of Object.values(tokens)) {
    const { status } = await send("POST", "/nowhere", { headers: { authorization: `Bearer ${one}` } });
    expect(status).toBe(404);
  }
  expect((await send("POST", "/nowhere", { headers: { authorization: "" } })).status).toBe(401);
});

test("a path that does not exist: 404; another method of one that does: 405 with Allow", async () => {
  const { send } = await start();
  for (const unknown of ["/nowhere", "/", "/users/", "/integrations//users", "/users/a/b/c"]) {
    const response = await send("GET", unknown);
    expect(`${response.status} ${(await jsonOf(response)).code}`).toBe("404 not-found");
  }
  const response = await send("POST", "/users/ada");
  expect(`${response.status} ${(await jsonOf(response)).code}`).toBe("405 method-not-allowed");
  expect(response.headers.get("allow")).toBe("PUT, PATCH, GET, DELETE");
  expect((await send("HEAD", "/users/ada")).status).toBe(405);
});

test.each([
  ["bad JSON", path, { body: "{" }, "400 malformed-json"],
  ["bytes that are not UTF-8", path, { body: new Uint8Array([0x22, 0xff, 0x22]) }, "400 malformed-json"],
  ["another type", path, { body: "name=x", headers: { "content-type": "text/plain" } }, "415 not-json"],
  ["an over-long id", `/integrations/i/users/${"x".repeat(129)}`, {}, "400 invalid-input"],
  ["malformed percent-encoding", "/integrations/i/users/%E0%A4%A", {}, "400 invalid-input"],
  ["an encoded path step", "/integrations/i/users/%2e%2e", {}, "404 not-found"],
  ["an encoded slash", "/integrations/i/users/a%2Fb", {}, "400 invalid-input"],
  ["prototype pollution", path, { body: '{"name":"x","__proto__":{"polluted":1}}' }, "400 invalid-input"],
] as const)("%s: %s", async (_, to, parts, expected) => {
  const { send } = await start();
  const response = await send("PUT", to, parts);
  expect(`${response.status} ${(await jsonOf(response)).code}`).toBe(expected);
});

test("dot segments that a client leaves in the path are no user's id", async () => {
  const { port } = await start();
  const answer = await sendRaw(
    port,
    `PUT /integrations/i/users/.. HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 .*"code":"invalid-input"/s);
});

test("an empty body is no body", async () => {
  const { send } = await start();
  expect((await jsonOf(await send("PUT", path))).body).toBeNull();
});

test("5 MB: 413, with and without a declared length, and the server goes on", async () => {
  const { front, send } = await start();
  const before = process.memoryUsage().arrayBuffers;
  const big = "x".repeat(5_000_000);
  const declared = await send("PUT", path, { body: big });
  expect(`${declared.status} ${(await jsonOf(declared)).code}`).toBe("413 body-too-large");

  const chunked = await new Promise<number>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "transfer-encoding": "chunked" };
    const request = httpRequest(`${front.url}${path}`, { method: "PUT", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
    for (let sent = 0; sent < 80; sent++) request.write("x".repeat(64 * 1024));
    request.end();
  });
  expect(chunked).toBe(413);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  expect((await send("GET", "/health")).status).toBe(200);
});

test("a client that asks first is refused before it sends", async () => {
  const { port } = await start();
  const head = (length: number) =>
    `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
  const refused = sendRaw(port, head(5_000_000));
  expect(await Promise.race([refused, sleep(2_000, "late")])).toMatch(/^HTTP\/1\.1 413 /);
  expect(await sendRaw(port, `${head(14)}{"name":"Ada"}`)).toMatch(
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /,
  );
});

test.each(["evil.example", "evil.example:8787", "127.0.0.1", "[::1]:8787"])("host %s: 403", async (host) => {
  const { port } = await start();
  const answer = await sendRaw(
    port,
    `GET /health HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 403 .*"code":"forbidden"/s);
});

test("the name of the host is taken in any case", async () => {
  const { port } = await start();
  const answer = await sendRaw(
    port,
    `GET /health HTTP/1.1\r\nHost: LocalHost:${port}\r\nConnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

test.each([
  ["two", (own: string) => `Host: ${own}\r\nHost: evil.example\r\n`],
  ["the same twice", (own: string) => `Host: ${own}\r\nHost: ${own}\r\n`],
  ["none", () => ""],
])("hosts: %s is a 400 problem", async (_, lines) => {
  const { port } = await start();
  const head = `GET /health HTTP/1.1\r\n${lines(`127.0.0.1:${port}`)}Connection: close\r\n\r\n`;
  expect(await sendRaw(port, head)).toMatch(/^HTTP\/1\.1 400 .*"code":"invalid-input"/s);
});

test("no answer allows another origin", async () => {
  const { send } = await start();
  for (const method of ["GET", "OPTIONS"]) {
    const response = await send(method, "/health", { headers: { origin: "https://evil.example" } });
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  }
});

test("a client that leaves, before or after its request is whole, harms nobody", async () => {
  const gate = Promise.withResolvers<{ status: number }>();
  const handle = vi.fn(() => gate.promise);
  const { port, send } = await start({ handle });
  const head = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  for (const text of [
    "POST /slo",
    `POST /slow HTTP/1.1\r\n${head}Content-Length: 100\r\n\r\n{"na`,
    `POST /slow HTTP/1.1\r\n${head}Content-Length: 0\r\n\r\n`,
  ]) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(text);
    await sleep(50);
    socket.resetAndDestroy();
  }
  await vi.waitFor(() => expect(handle).toHaveBeenCalledOnce());
  gate.resolve({ status: 204 });
  expect((await send("GET", "/health")).status).toBe(200);
});

test("changes beyond those at hand are refused before any work, while removals, reads and health go on", async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  let begun = 0;
  const few = { atOnce: 2, waiting: 1, patienceMs: 20_000 };
  const { send, front } = await start({
    limits: { changes: few, removals: few, reads: few },
    handle: async () => {
      begun += 1;
      await held;
      return { status: 204 };
    },
  });
  const calls = Array.from({ length: 6 }, () => send("POST", "/slow"));
  const refused = await Promise.any(
    calls.map(async (call) => {
      const answer = await call;
      return answer.status === 503 ? answer : Promise.reject(answer.status);
    }),
  );
  expect(refused.headers.get("retry-after")).toBe("5");
  expect(await refused.json()).toMatchObject({
    code: "store-unavailable",
    title: "Too many calls at once",
    detail:
      "Too many calls are at hand, and this one was not begun. Send it again in 5 s, and fewer at once.",
  });
  expect((await send("GET", "/nowhere")).status).toBe(404);
  expect((await send("DELETE", "/nowhere")).status).toBe(404);
  expect((await fetch(`${front.url}/health`)).status).toBe(200);
  expect(begun).toBe(2);
  letGo();
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([204, 204, 204, 503, 503, 503]);
  expect(begun).toBe(3);
});

const headTo = (port: number, method: string, to: string, lines: string): string =>
  `${method} ${to} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${lines}\r\n\r\n`;
const problemOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf("{")));

test("calls whose bodies do not arrive take nobody's turn", async () => {
  const few = { atOnce: 1, waiting: 1, patienceMs: 5_000 };
  const { port, send } = await start({ limits: { changes: few, removals: few, reads: few } });
  const stalled = ["PUT", "POST", "DELETE", "GET"].flatMap((method) =>
    Array.from({ length: 5 }, () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(`${headTo(port, method, method === "POST" ? "/slow" : path, "Content-Length: 10")}{`);
      return socket;
    }),
  );
  await sleep(100);
  expect((await send("POST", "/slow")).status).toBe(204);
  expect((await send("PUT", path)).status).toBe(200);
  expect((await send("DELETE", "/nowhere")).status).toBe(404);
  expect((await send("GET", "/nowhere")).status).toBe(404);
  for (const socket of stalled) socket.destroy();
});

test("the wait for a turn is a part of the time that the call has", async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const deadlines: number[] = [];
  const one = { atOnce: 1, waiting: 5, patienceMs: 5_000 };
  const { send } = await start({
    limits: { changes: one, removals: one, reads: one },
    handle: async ({ deadline }) => {
      deadlines.push(deadline);
      await held;
      return { status: 204 };
    },
  });
  const sent = Date.now();
  const calls = [send("POST", "/slow"), send("POST", "/slow")];
  await vi.waitFor(() => expect(deadlines).toHaveLength(1));
  await sleep(3_500);
  letGo();
  await Promise.all(calls);
  const [, second = 0] = deadlines;
  // 24.5 s of work, but no later than 27 s after the call was whole.
  expect(second - sent).toBeLessThan(27_300);
});

test("a client that reads once it has sent all gets its 413", async () => {
  const { port } = await start();
  for (const lines of ["Content-Length: 5000000", "Transfer-Encoding: chunked"]) {
    const socket = connect(port, "127.0.0.1");
    const answer = Promise.withResolvers<string>();
    let text = "";
    socket.on("error", (error) => answer.reject(error));
    socket.pause();
    socket.write(headTo(port, "PUT", path, lines));
    for (let sent = 0; sent < 50; sent += 1) {
      const part = "x".repeat(100_000);
      const written = Promise.withResolvers<void>();
      socket.write(lines.includes("chunked") ? `186a0\r\n${part}\r\n` : part, () => written.resolve());
      await Promise.race([written.promise, answer.promise]);
    }
    if (lines.includes("chunked")) socket.write("0\r\n\r\n");
    await sleep(100);
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => answer.resolve(text));
    socket.resume();
    expect(await answer.promise).toMatch(/^HTTP\/1\.1 413 .*body-too-large/s);
  }
});

test("one that never stops sending is cut off", async () => {
  const { port } = await start();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", () => resolve("closed")));
  socket.write(headTo(port, "PUT", path, "Content-Length: 900000000"));
  const endless = setInterval(() => socket.write("x".repeat(1_000)), 20);
  expect(await Promise.race([closed, sleep(4_000, "open")])).toBe("closed");
  clearInterval(endless);
});

test.each([
  ["a chunk that is none", "Transfer-Encoding: chunked", "zz\r\n{}\r\n"],
  ["a chunk that is none, after one", "Transfer-Encoding: chunked", "1\r\n{\r\nzz\r\n}\r\n"],
  ["another coding", "Transfer-Encoding: gzip", "{}"],
])("a body with %s is a 400 problem", async (_, lines, body) => {
  const { port, send } = await start();
  const answer = await sendRaw(port, headTo(port, "PUT", path, lines) + body);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(problemOf(answer)).toMatchObject({ status: 400, code: "invalid-input" });
  expect((await send("GET", "/health")).status).toBe(200);
});

test("a host without its port is told that the port is meant", async () => {
  const { port } = await start();
  const answer = await sendRaw(port, "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect(problemOf(answer)).toMatchObject({
    status: 403,
    detail: `The Host header must name this machine and the port: 127.0.0.1:${port} or localhost:${port}.`,
  });
});

test("a request that does not arrive in time is given up, with a 408 problem where it is a request", async () => {
  const { port, send } = await start({ arrivalMs: 300 });
  expect(await sendRaw(port, "PUT /slow HTT")).toMatch(/408|^$/);
  const late = await sendRaw(port, `${headTo(port, "PUT", path, "Content-Length: 10")}{`);
  expect(late).toMatch(/^HTTP\/1\.1 408 /);
  expect(problemOf(late)).toMatchObject({ status: 408, code: "invalid-input" });
  expect((await send("GET", "/health")).status).toBe(200);
});

test("what is no HTTP gets 400, and the server goes on", async () => {
  const { port, send } = await start();
  expect(await sendRaw(port, "\u0016\u0003\u0001\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
  const host = `Host: 127.0.0.1:${port}\r\n`;
  for (const [status, text] of [
    [400, "hello there\r\n\r\n"],
    [501, `BREW /pot HTTP/1.1\r\n${host}\r\n`],
    [501, `CONNECT example.com:443 HTTP/1.1\r\n${host}\r\n`],
    [417, `GET /health HTTP/1.1\r\n${host}Expect: miracles\r\n\r\n`],
    [431, `GET /health HTTP/1.1\r\n${host}X-Long: ${"x".repeat(40_000)}\r\n\r\n`],
  ] as const) {
    const [head = "", body = ""] = (await sendRaw(port, text)).split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain("application/problem+json");
    expect(JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1))).toMatchObject({
      status,
      code: "invalid-input",
    });
  }
  const headers = `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Long: ${"x".repeat(40_000)}\r\n\r\n`;
  expect(await sendRaw(port, headers)).toMatch(/^HTTP\/1\.1 431/);
  expect((await send("GET", "/health")).status).toBe(200);
});

test("each role's token is made once, kept from others, and compared as a whole", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-token-"));
  try {
    const made = readOrMakeTokens(dataDir);
    for (const { token: one, path: kept = "" } of Object.values(made)) {
      expect(one).toMatch(/^[\w-]{43}$/);
      expect(statSync(kept).mode & 0o777).toBe(0o600);
    }
    expect(Object.values(made).map(({ path: kept = "" }) => relative(dataDir, kept))).toEqual([
      "auditor-token",
      "provisioner-token",
      "token",
    ]);
    expect(readOrMakeTokens(dataDir)).toEqual(made);
    expect(readOrMakeTokens(dataDir, "given")).toEqual({ ...made, admin: { token: "given" } });
    expect(() => readOrMakeTokens(dataDir, "two words")).toThrow("USHER_TOKEN");

    const find = callerFinder(made);
    expect(find(`Bearer ${made.read.token}`)).toEqual({ id: "local-auditor", role: "read" });
    expect(find(`bearer  ${made.provision.token} `)).toEqual({ id: "local-provisioner", role: "provision" });
    expect(find(`Bearer ${made.admin.token}`)).toEqual({ id: "local-admin", role: "admin" });
    expect(find(`Bearer ${made.admin.token.slice(1)}`)).toBeUndefined();
    expect(find(undefined)).toBeUndefined();
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});

test("two roles never share a token", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-token-"));
  try {
    const { provision } = readOrMakeTokens(dataDir);
    expect(() => readOrMakeTokens(dataDir, provision.token)).toThrow("two roles have the same token");
    copyFileSync(provision.path ?? "", join(dataDir, "auditor-token"));
    expect(() => readOrMakeTokens(dataDir)).toThrow(/Delete .+provisioner-token and .+auditor-token/);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
