import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestProvider } from "../provider.ts";
import type { FaultKind } from "./faults.ts";

type Answer = { status: number; headers: IncomingMessage["headers"]; body: Buffer };

/** What an HTTP front does with one request: hand it on, or not, and answer something. */
type Way = {
  /** The provider's base URL as seen through this way. */
  baseUrl: string;
  /** Called with each request; undefined lets it pass. Faults end once this is taken away. */
  fault: ((method: string, path: string) => FaultKind | undefined) | undefined;
  /** Faults that took place, in order. */
  readonly met: string[];
  close(): Promise<void>;
};

/** A loopback front before any provider, in which requests and answers get lost, late or exchanged for others. */
export const startFaultyWay = async (provider: TestProvider, now: () => number): Promise<Way> => {
  const target = new URL(provider.baseUrl);
  const server = createServer((req, res) => {
    serve(req, res).catch(() => res.destroy());
  });
  // Else a client would meet a socket that was closed for being idle, at a time that no schedule knows.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const path = (req.url ?? "").slice(target.pathname.length).split("?")[0] ?? "";
    const kind = way.fault?.(req.method ?? "", path);
    if (kind) way.met.push(`${kind} at ${req.method} ${path}`);
    const before = kind && answersBefore[kind];
    if (before) return before(res, now());
    const answer = await handOn(req, Buffer.concat(chunks));
    await (kind && answersAfter[kind] ? answersAfter[kind](res, answer) : write(res, answer));
  };

  const handOn = (req: IncomingMessage, body: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { method, url: path } = req;
      const headers = { ...req.headers, host: target.host };
      const onward = send(
        { host: target.hostname, port: target.port, method, path, headers, agent: false },
        async (res) => {
          const chunks: Buffer[] = [];
          for await (const chunk of res) chunks.push(chunk as Buffer);
          resolve({ status: res.statusCode ?? 502, headers: res.headers, body: Buffer.concat(chunks) });
        },
      );
      onward.on("error", reject);
      onward.end(body);
    });

  const way: Way = {
    baseUrl: `http://127.0.0.1:${port}${target.pathname}`,
    fault: undefined,
    met: [],
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
  return way;
};

const write = (res: ServerResponse, { status, headers, body }: Answer): void => {
  const { connection: _, "transfer-encoding": __, "content-length": ___, ...kept } = headers;
  const isEmpty = status === 204 || status === 304;
  res.writeHead(status, isEmpty ? kept : { ...kept, "content-length": body.length });
  res.end(isEmpty ? undefined : body);
};

const plain =
  (status: number, headers: Record<string, string> = {}, text = "") =>
  (res: ServerResponse) =>
    write(res, { status, headers, body: Buffer.from(text) });

const json = { "content-type": "application/scim+json" };
const loginPage = "<!doctype html><html><body><form>Sign in</form></body></html>";
const showLoginPage = plain(200, { "content-type": "text/html" }, loginPage);

/** The provider never sees the request. */
const answersBefore: { [K in FaultKind]?: (res: ServerResponse, now: number) => void } = {
  "500-before": plain(500, json, '{"detail":"Internal error","status":"500"}'),
  "503-seconds": plain(503, { "retry-after": "2" }),
  "503-date": (res, now) => plain(503, { "retry-after": new Date(now + 2_000).toUTCString() })(res),
  "503-bare": plain(503),
  "429-seconds": plain(429, { ...json, "retry-after": "1" }, '{"detail":"Too many requests","status":"429"}'),
  "429-bare": plain(429),
  "reset-before": (res) => void res.destroy(),
  hang: () => undefined,
  html: showLoginPage,
  "412": plain(412, json, '{"detail":"The resource has changed","status":"412"}'),
  "403": plain(403, json, '{"detail":"Not now","status":"403"}'),
};

/** The provider has applied the request. */
const answersAfter: { [K in FaultKind]?: (res: ServerResponse, answer: Answer) => void | Promise<void> } = {
  "reply-lost": (res) => void res.destroy(),
  "500-after": plain(500, json, '{"detail":"Internal error","status":"500"}'),
  "hang-after": () => undefined,
  "html-after": showLoginPage,
  truncated: (res, answer) =>
    write(res, { ...answer, body: answer.body.subarray(0, Math.floor(answer.body.length / 2)) }),
  cut: (res, { status, headers, body }) => {
    res.writeHead(status, {
      "content-type": headers["content-type"] ?? "text/plain",
      "content-length": body.length + 9,
    });
    res.write(body.subarray(0, Math.ceil(body.length / 2)), () => res.destroy());
  },
  drip: async (res, { status, headers, body }) => {
    res.writeHead(status, { "content-type": headers["content-type"] ?? "text/plain" });
    for (let at = 0; at < body.length; at += Math.ceil(body.length / 5)) {
      res.write(body.subarray(at, at + Math.ceil(body.length / 5)));
      await sleep(2);
    }
    res.end();
  },
};
