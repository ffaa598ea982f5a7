import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProviderOptions, RecordedRequest, RemoteGroup, RemoteUser, TestProvider } from "./provider.ts";

/** A request as a provider gets it: whole, with the real authorization header. */
export type ProviderRequest = {
  method: string;
  /** Path and query as sent: `/scim/v2/Users?count=1`. */
  url: string;
  /** The path behind the base path, still encoded. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: string;
};

/** A provider's answer. */
export type ProviderAnswer = {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Sent in place of `body`, which it is in another form. */
  bytes?: Buffer;
};

/** The part behind the front: answers requests and shows its state. */
export type InnerProvider = {
  handle(request: ProviderRequest): ProviderAnswer | Promise<ProviderAnswer>;
  users(): RemoteUser[] | Promise<RemoteUser[]>;
  groups(): RemoteGroup[] | Promise<RemoteGroup[]>;
  close?(): void | Promise<void>;
};

/** What a provider may ask the front. */
export type FrontAccess = {
  /** `http://127.0.0.1:port`. */
  origin: string;
  /** The token that is valid now. */
  token(): string;
};

/**
 * Starts an HTTP server on a free loopback port that records each request, applies interception and
 * latency, and hands it on. Each provider refuses a wrong token itself, in its own words.
 */
export async function startFront(
  basePath: string,
  options: ProviderOptions,
  createInner: (access: FrontAccess) => InnerProvider | Promise<InnerProvider>,
): Promise<TestProvider> {
  let token = options.token ?? randomBytes(24).toString("base64url");
  const requests: RecordedRequest[] = [];
  const server = createServer((req, res) => {
    // Neither a client that goes away nor a fault in a provider may end the process; the latter must show.
    serve(req, res).catch((error: unknown) => {
      if (res.headersSent) res.destroy();
      else send(res, { status: 500, headers: {}, body: `The test provider failed: ${error}` });
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const inner = await createInner({ origin, token: () => token });

  const provider: TestProvider = {
    baseUrl: origin + basePath,
    get token() {
      return token;
    },
    requests,
    setToken(next) {
      token = next;
    },
    users: async () => inner.users(),
    groups: async () => inner.groups(),
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
      await inner.close?.();
    },
  };

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = await readRequest(req, basePath);
    const recorded = record(request);
    requests.push(recorded);
    if (options.latencyMs) await sleep(options.latencyMs);

    const interception = provider.intercept?.(recorded);
    if (interception === "hang") return;
    if (interception === "drop-before") {
      res.destroy();
      return;
    }
    if (typeof interception === "object" && "status" in interception) {
      const { status, headers = {}, body = "" } = interception;
      recorded.status = status;
      send(res, { status, headers, body });
      return;
    }
    if (typeof interception === "object") await sleep(interception.delayMs);

    const answer = await inner.handle(request);
    recorded.status = answer.status;
    if (interception === "drop-after") res.destroy();
    else send(res, answer);
  }

  return provider;
}

/** Whether the request carries this bearer token (RFC 6750 §2.1; the scheme is case-insensitive). */
export function hasBearer(request: Pick<ProviderRequest, "headers">, token: string): boolean {
  return /^bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] === token;
}

async function readRequest(req: IncomingMessage, basePath: string): Promise<ProviderRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const url = req.url ?? "/";
  // Not `new URL`: it would take `//Users` for a host and hide a client's doubled slash.
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.headers)) headers[name] = String(value);
  return {
    method: req.method ?? "GET",
    url,
    path: path === basePath || path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path,
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function record(request: ProviderRequest): RecordedRequest {
  const { authorization, ...headers } = request.headers;
  const mark = request.url.indexOf("?");
  return {
    method: request.method,
    path: request.path,
    query: mark < 0 ? "" : request.url.slice(mark + 1),
    body: parseBody(request.body),
    bytes: Buffer.byteLength(request.body),
    headers: authorization === undefined ? headers : { ...headers, authorization: "[redacted]" },
    at: Date.now(),
    status: 0,
  };
}

function parseBody(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function send(res: ServerResponse, answer: ProviderAnswer): void {
  res.writeHead(answer.status, answer.headers);
  res.end(answer.status === 204 || answer.status === 304 ? undefined : (answer.bytes ?? answer.body));
}
