import { isUtf8 } from "node:buffer";
import type { Agent, AgentOptions, IncomingHttpHeaders, IncomingMessage } from "node:http";
import * as https from "node:https";
import { inflate } from "./inflate.ts";
import { bareHost, type GuardOptions, guardedLookup, type Resolve, refusalOfHost } from "./outbound-guard.ts";
import { describeError, TransportFailure } from "./transport-failure.ts";

// An ES import of node:http reads every export of it, and one of them loads undici: 25 ms of each cold start.
const http = process.getBuiltinModule("node:http");

/** The release that providers see; a test holds it against package.json. */
export const userAgent = "Usher/0.1.0 (+SCIM 2.0)";

export type HttpRequest = {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: string | undefined;
  /** Bounds the whole exchange, so that an answer that drips in is cut as well. */
  timeoutMs: number;
};

/**
 * `cut` where the body was longer than allowed, or ended early behind a refusal whose status says enough. `isGarbled`
 * where it was not UTF-8, the one encoding of JSON (RFC 8259 §8.1), whatever charset is declared: an id or a name of it
 * must not be believed.
 */
export type HttpAnswer = {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  cut: boolean;
  isGarbled: boolean;
};

type TransportOptions = GuardOptions & {
  resolve?: Resolve | undefined;
  maxResponseBytes?: number | undefined;
};
export type Exchange = (request: HttpRequest) => Promise<HttpAnswer>;

/**
 * One pool per process: a warm Lambda goes on with the connections of the call before. Last used first, so that the
 * POST behind a lookup goes over the connection that just answered and not over one that the provider has closed.
 * No agent of ours reads proxy variables.
 */
const pool: AgentOptions = { keepAlive: true, maxSockets: 50, maxFreeSockets: 10, scheduling: "lifo" };
const plain = { request: http.request, agent: new http.Agent(pool), connected: "connect" };
const secure = { request: https.request, agent: new https.Agent(pool), connected: "secureConnect" };

/** A request that waited for a connection gets one that is in use: Node calls those alone reused that were idle. */
const connectedSockets = new WeakSet<object>();

/** Where one idle connection turned out closed (a frozen Lambda wakes up), the others are most likely closed too. */
const dropIdle = (agent: Agent): void => {
  for (const sockets of Object.values(agent.freeSockets))
    for (const socket of sockets ?? []) socket.destroy();
};

/**
 * Carry out one HTTP request: guarded, bounded in time and size, without following anything. No compression is asked
 * for, and one that comes nevertheless is read within the same bound, so that no small answer unfolds into a large one.
 */
export const createExchange = (options: TransportOptions = {}): Exchange => {
  const lookup = guardedLookup(options);
  const maxBytes = options.maxResponseBytes ?? 5 * 1024 * 1024;

  return ({ method, url, headers, body, timeoutMs }) =>
    new Promise((resolve, reject) => {
      const host = bareHost(url.hostname);
      const refusal = refusalOfHost(host, options);
      if (refusal !== undefined) return reject(new TransportFailure("refused", `${host} ${refusal}`));

      const { request, agent, connected } = url.protocol === "https:" ? secure : plain;
      const payload = body === undefined ? undefined : Buffer.from(body);
      const length = payload === undefined ? {} : { "Content-Length": String(payload.length) };
      const req = request({
        host,
        ...(url.port === "" ? {} : { port: url.port }),
        path: url.pathname + url.search,
        method,
        headers: { "User-Agent": userAgent, "Accept-Encoding": "identity", ...headers, ...length },
        agent,
        lookup,
      });
      const state = { connected: false, stale: false };
      let answer: { res: IncomingMessage; chunks: Buffer[]; size: number } | undefined;

      const timer = setTimeout(() => {
        fail(
          new TransportFailure(
            state.connected ? "timeout" : "unconnected",
            `no ${answer ? "complete " : ""}answer within ${timeoutMs} ms`,
          ),
        );
      }, timeoutMs);
      const finish = (cut: boolean): void => {
        clearTimeout(timer);
        if (cut) req.destroy();
        if (answer === undefined) return;
        const { res, chunks } = answer;
        readBody(Buffer.concat(chunks), res.headers["content-encoding"], maxBytes).then(
          ({ isTooLarge, ...body }) =>
            resolve({ status: res.statusCode ?? 0, headers: res.headers, ...body, cut: cut || isTooLarge }),
          reject,
        );
      };
      const fail = (failure: TransportFailure): void => {
        // A refusal is one even if the rest of its words is lost.
        if ((answer?.res.statusCode ?? 0) >= 400) {
          finish(true);
          return;
        }
        clearTimeout(timer);
        reject(failure);
        req.destroy();
      };

      req.once("socket", (socket) => {
        if (connectedSockets.has(socket)) state.connected = true;
        else
          socket.once(connected, () => {
            connectedSockets.add(socket);
            state.connected = true;
          });
      });
      req.on("error", (error: NodeJS.ErrnoException) => {
        state.stale =
          req.reusedSocket && answer === undefined && /^(ECONNRESET|EPIPE)$/.test(error.code ?? "");
        if (state.stale) dropIdle(agent);
        fail(describeError(error, state));
      });
      req.once("response", (res) => {
        const parts: { res: IncomingMessage; chunks: Buffer[]; size: number } = {
          res,
          chunks: [],
          size: 0,
        };
        answer = parts;
        res.on("data", (chunk: Buffer) => {
          const rest = maxBytes - parts.size;
          parts.chunks.push(chunk.length > rest ? chunk.subarray(0, rest) : chunk);
          parts.size += Math.min(chunk.length, rest);
          if (chunk.length > rest) finish(true);
        });
        res.once("end", () => finish(false));
        res.on("error", (error: NodeJS.ErrnoException) => fail(describeError(error, state)));
      });
      // Covers a connection that ends without a word, such as an unwanted protocol upgrade.
      req.once("close", () => {
        if (answer === undefined)
          fail(new TransportFailure("reset", "the connection was closed without an answer"));
      });
      req.end(payload);
    });
};

const readBody = async (bytes: Buffer, contentEncoding: string | undefined, maxBytes: number) => {
  const inflated = await inflate(bytes, contentEncoding, maxBytes);
  const isTooLarge = inflated === "too large";
  const plain = isTooLarge ? Buffer.alloc(0) : inflated;
  return { text: new TextDecoder().decode(plain), isGarbled: !isUtf8(plain), isTooLarge };
};
