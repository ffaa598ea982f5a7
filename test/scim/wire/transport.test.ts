import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createExchange } from "../../../shared/scim/wire/transport.ts";
import { failureOf, inTurn, listOf, open, secret, startServer } from "../loopback.ts";

const user = (id: string) => ({ id, userName: "ada@example.com" });

describe("what is sent", () => {
  test("carries the token, SCIM's media types, a stable user agent and a wish for no compression", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 201, body: user("1") }));
    await open(baseUrl).createUser({ userName: "ada@example.com" });
    const { version } = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8"));
    expect(requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${secret}`,
      "content-type": "application/scim+json",
      accept: "application/scim+json, application/json;q=0.9",
      "user-agent": `Usher/${version} (+SCIM 2.0)`,
      "accept-encoding": "identity",
    });
  });

  test("one connection serves several clients", async () => {
    const { baseUrl, requests } = await startServer(() => listOf());
    await open(baseUrl).findUsers("a");
    await open(baseUrl).findUsers("b");
    expect(requests[1]?.socket).toBe(requests[0]?.socket);
  });

  test("proxy variables are not read", async () => {
    process.env.HTTP_PROXY = "http://127.0.0.1:9";
    process.env.NODE_USE_ENV_PROXY = "1";
    onTestFinished(() => {
      delete process.env.HTTP_PROXY;
      delete process.env.NODE_USE_ENV_PROXY;
    });
    const { baseUrl, requests } = await startServer(() => listOf());
    await open(baseUrl).findUsers("a");
    expect(requests).toHaveLength(1);
  });
});

test("literal addresses are held back even where no base URL was checked: node:net asks no lookup hook for them", async () => {
  const exchange = createExchange({ allowLoopback: true });
  for (const url of ["https://10.0.0.1/", "https://[fd00:ec2::254]/", "https://[::ffff:169.254.169.254]/"]) {
    const work = exchange({ method: "GET", url: new URL(url), headers: {}, timeoutMs: 500 });
    await expect(work).rejects.toMatchObject({ reason: "refused" });
  }
});

describe("redirects", () => {
  test.each([307, 308])("%i to the same origin is followed with method and body", async (status) => {
    const { baseUrl, requests } = await startServer((request) =>
      request.path === "/moved/Users"
        ? { status: 201, body: user("1") }
        : { status, headers: { location: "/moved/Users" } },
    );
    const provider = open(baseUrl);
    expect((await provider.createUser({ userName: "ada@example.com" })).id).toBe("1");
    expect(requests[1]).toMatchObject({ method: "POST", path: "/moved/Users", body: requests[0]?.body });
    expect(provider.requestCount()).toBe(2);
  });

  test("another origin never gets the token, not even another port of the same host", async () => {
    const other = await startServer(() => listOf());
    const { baseUrl } = await startServer(() => ({
      status: 308,
      headers: { location: `${other.baseUrl}/Users` },
    }));
    const failure = await failureOf(open(baseUrl).findUsers("a"));
    expect(failure).toMatchObject({ kind: "rejected", status: 308 });
    expect(other.requests).toHaveLength(0);
  });

  test.each([301, 302, 303, 304])("%i is not followed", async (status) => {
    const { baseUrl, requests } = await startServer(() => ({
      status,
      headers: { location: "/scim/v2/Users" },
    }));
    expect(await failureOf(open(baseUrl).createUser({ userName: "a" }))).toMatchObject({
      kind: "rejected",
      status,
      maybeApplied: false,
    });
    expect(requests).toHaveLength(1);
  });

  test("the third one in a row is not followed", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 307, headers: { location: "/again" } }));
    expect(await failureOf(open(baseUrl).findUsers("a"))).toMatchObject({ kind: "rejected", status: 307 });
    expect(requests).toHaveLength(3);
  });
});

describe("bounds", () => {
  test("an endless answer is cut and is malformed", async () => {
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "application/scim+json" });
      const timer = setInterval(() => response.write("x".repeat(64 * 1024)), 1);
      response.on("close", () => clearInterval(timer));
      return undefined;
    });
    const failure = await failureOf(open(baseUrl, { maxResponseBytes: 100_000 }).findUsers("a"));
    expect(failure).toMatchObject({ kind: "malformed", status: 200, maybeApplied: false });
    expect(failure.message).toContain("too large");
  });

  test("an endless answer to a POST leaves open whether it was applied", async () => {
    const { baseUrl } = await startServer(() => ({ status: 201, body: "x".repeat(2000) }));
    const failure = await failureOf(open(baseUrl, { maxResponseBytes: 1000 }).createUser({ userName: "a" }));
    expect(failure).toMatchObject({ kind: "malformed", status: 201, maybeApplied: true });
  });

  test("an endless refusal is a refusal by its status", async () => {
    const { baseUrl } = await startServer(() => ({ status: 400, body: "no ".repeat(2000) }));
    const failure = await failureOf(open(baseUrl, { maxResponseBytes: 1000 }).createUser({ userName: "a" }));
    expect(failure).toMatchObject({ kind: "rejected", status: 400, maybeApplied: false });
  });

  test("an answer that drips in is cut when the request's time is over", async () => {
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
      return undefined;
    });
    const started = Date.now();
    const failure = await failureOf(open(baseUrl, { answerWithinMs: 150, sendWithinMs: 100 }).findUsers("a"));
    expect(failure.kind).toBe("unavailable");
    expect(Date.now() - started).toBeLessThan(1500);
  });

  test("a 401 whose body never ends is still a 401", async () => {
    const { baseUrl } = await startServer((_, response) => {
      response.writeHead(401);
      response.write("{");
      return undefined;
    });
    const failure = await failureOf(open(baseUrl, { requestTimeoutMs: 100 }).findUsers("a"));
    expect(failure).toMatchObject({ kind: "unauthorized", status: 401 });
  });

  test("no request takes longer than its own limit, and the call goes on with the next", async () => {
    let first = true;
    const { baseUrl, requests } = await startServer(() => {
      if (!first) return listOf();
      first = false;
      return undefined;
    });
    expect(await open(baseUrl, { requestTimeoutMs: 100 }).findUsers("a")).toEqual([]);
    expect(requests).toHaveLength(2);
  });

  test("nothing is sent once the time to send is over", async () => {
    const { baseUrl, requests } = await startServer(() => listOf());
    const provider = open(baseUrl, { sendWithinMs: 0 });
    expect(await failureOf(provider.createUser({ userName: "a" }))).toMatchObject({
      kind: "out-of-time",
      maybeApplied: false,
    });
    expect(provider.requestCount()).toBe(0);
    expect(requests).toHaveLength(0);
  });

  test("a redirect is not followed once the time to send is over", async () => {
    let time = 0;
    const { baseUrl, requests } = await startServer(() => {
      time = 30_000;
      return { status: 307, headers: { location: "/again" } };
    });
    const failure = await failureOf(open(baseUrl, { now: () => time }).findUsers("a"));
    expect(failure.kind).toBe("out-of-time");
    expect(requests).toHaveLength(1);
  });
});

describe("connections that fail", () => {
  test("a stale keep-alive connection is replaced at once, without waiting", async () => {
    const waits: number[] = [];
    const sleep = async (ms: number): Promise<void> => void waits.push(ms);
    const sockets = new Set<unknown>();
    // Closes a connection at its second request without a word, as an idle time-out under way does.
    const { baseUrl, requests } = await startServer((request) => {
      if (sockets.has(request.socket)) {
        request.socket.destroy();
        return undefined;
      }
      sockets.add(request.socket);
      return listOf();
    });
    await open(baseUrl).findUsers("a");
    const provider = open(baseUrl, { sleep });
    expect(await provider.findUsers("b")).toEqual([]);
    expect(provider.requestCount()).toBe(2);
    expect(requests).toHaveLength(3);
    expect(waits).toEqual([]);
  });

  test("one stale connection takes the other idle ones with it", async () => {
    let closing = false;
    const { baseUrl, requests } = await startServer(async (request) => {
      if (closing && requests.filter(({ socket }) => socket === request.socket).length > 1) {
        request.socket.destroy();
        return undefined;
      }
      await new Promise((done) => setTimeout(done, 20));
      return listOf();
    });
    await Promise.all(["a", "b", "c"].map((name) => open(baseUrl).findUsers(name)));
    expect(new Set(requests.map(({ socket }) => socket)).size).toBe(3);
    closing = true;
    const provider = open(baseUrl);
    await provider.findUsers("d");
    expect(provider.requestCount()).toBe(2);
  });

  test("the connection that answered last is used next, so that a POST follows its lookup", async () => {
    const { baseUrl, requests } = await startServer(async ({ query }) => {
      await new Promise((done) => setTimeout(done, query.filter?.includes("slow") ? 60 : 5));
      return listOf();
    });
    await Promise.all([open(baseUrl).findUsers("slow"), open(baseUrl).findUsers("fast")]);
    await open(baseUrl).findUsers("next");
    const slow = requests.find(({ query }) => query.filter?.includes("slow"));
    expect(requests[2]?.socket).toBe(slow?.socket);
  });

  test("a POST on a stale connection is not repeated: only a lookup can tell what became of it", async () => {
    const { baseUrl, requests } = await startServer((request) => {
      if (request.method === "GET") return listOf();
      request.socket.destroy();
      return undefined;
    });
    const provider = open(baseUrl);
    await provider.findUsers("a");
    expect(await failureOf(provider.createUser({ userName: "a" }))).toMatchObject({
      kind: "unavailable",
      maybeApplied: true,
    });
    expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  test("a request that waited for one of all connections in use was sent, though never answered", async () => {
    const { promise: held, resolve: answer } = Promise.withResolvers<void>();
    const { baseUrl, requests } = await startServer(async ({ path }) => {
      if (path.endsWith("/last")) return undefined;
      await held;
      return { body: {} };
    });
    const exchange = createExchange({ allowLoopback: true });
    const send = (path: string, timeoutMs: number) =>
      exchange({ method: "POST", url: new URL(`${baseUrl}${path}`), headers: {}, body: "{}", timeoutMs });
    const first = Array.from({ length: 50 }, (_, at) => send(`/${at}`, 20_000));
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(50);
    const last = send("/last", 1_000);
    answer();
    await Promise.all(first);
    await expect(last).rejects.toMatchObject({ reason: "timeout" });
    expect(requests.at(-1)?.path).toMatch(/\/last$/);
  });

  test("a refused connection certainly applied nothing", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    const provider = open(`http://127.0.0.1:${port}`);
    expect(await failureOf(provider.createUser({ userName: "a" }))).toMatchObject({
      kind: "unavailable",
      maybeApplied: false,
    });
    expect(provider.lastAnswer().message).toContain("ECONNREFUSED");
  });

  test("a server that does not speak TLS certainly applied nothing", async () => {
    const { baseUrl } = await startServer(() => listOf());
    const failure = await failureOf(open(baseUrl.replace("http:", "https:")).createUser({ userName: "a" }));
    expect(failure).toMatchObject({ kind: "unavailable", maybeApplied: false });
  });

  test("an answer that breaks off in its body is asked for again", async () => {
    let first = true;
    const { baseUrl } = await startServer((_, response) => {
      if (!first) return listOf(user("7"));
      first = false;
      response.writeHead(200, { "content-length": "1000" });
      response.write("{", () => response.destroy());
      return undefined;
    });
    expect(await open(baseUrl).findUsers("ada@example.com")).toHaveLength(1);
  });

  test("an answer that is no HTTP at all is no crash", async () => {
    const server = createServer((socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n")).listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    onTestFinished(() => void server.close());
    const failure = await failureOf(
      open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).findUsers("a"),
    );
    expect(failure.kind).toBe("unavailable");
  });

  test("a protocol upgrade nobody asked for ends at once", async () => {
    const { baseUrl, requests } = await startServer((request) => {
      request.socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
      return undefined;
    });
    const failure = await failureOf(open(baseUrl).createUser({ userName: "a" }));
    expect(failure).toMatchObject({ kind: "unavailable", maybeApplied: true });
    expect(failure.message).not.toContain("no answer within");
    expect(requests).toHaveLength(1);
  });

  test("a reset after a POST was sent leaves open whether it was applied", async () => {
    const { baseUrl, requests } = await startServer((request) => {
      request.socket.destroy();
      return undefined;
    });
    expect(await failureOf(open(baseUrl).createUser({ userName: "a" }))).toMatchObject({
      kind: "unavailable",
      maybeApplied: true,
    });
    expect(requests).toHaveLength(1);
  });
});

test("the last answer is the provider's, in our own status words", async () => {
  const { baseUrl } = await startServer(inTurn(listOf(), { status: 409, body: { detail: "taken" } }));
  const provider = open(baseUrl);
  expect(provider.lastAnswer()).toEqual({ details: [] });
  await provider.findUsers("a");
  expect(provider.lastAnswer()).toEqual({ status: 200, message: "200 OK", details: [] });
  await failureOf(provider.createUser({ userName: "a" }));
  expect(provider.lastAnswer()).toEqual({
    status: 409,
    message: "409 Conflict",
    details: ["taken"],
  });
});
