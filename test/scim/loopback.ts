import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { Credentials } from "../../shared/model/credentials.ts";
import type { JsonValue } from "../../shared/model/json.ts";
import type { Overrides } from "../../shared/model/overrides.ts";
import type { Capabilities, ProfileName } from "../../shared/model/profile.ts";
import { ProviderFailure } from "../../shared/provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../../shared/provisioning/ports/service-provider.ts";
import { createScimClient, type ScimClientOptions } from "../../shared/scim/client.ts";

/** One request as the server got it. `query` is decoded. */
export type Received = {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  /** JSON; what is no JSON stays text. */
  body: unknown;
  socket: Socket;
};
export type Reply = { status?: number; headers?: Record<string, string>; body?: JsonValue };
export type Handler = (
  request: Received,
  response: ServerResponse,
) => Reply | undefined | Promise<Reply | undefined>;

export const secret = "tok-9f2c4e7a1b8d6053-zeta";

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

const receive = async (request: IncomingMessage): Promise<Received> => {
  const text = await readBody(request);
  const url = new URL(request.url ?? "/", "http://unused");
  return {
    method: request.method ?? "",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers as Record<string, string>,
    body: bodyOf(text, request.headers["content-type"] ?? ""),
    socket: request.socket,
  };
};

const bodyOf = (text: string, contentType: string): unknown => {
  if (text === "") return undefined;
  return contentType.includes("json") ? JSON.parse(text) : text;
};

const reply = (response: ServerResponse, { status = 200, headers = {}, body }: Reply): void => {
  response.writeHead(status, { "content-type": "application/scim+json", ...headers });
  response.end(typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body));
};

/**
 * A server on a free loopback port, until the test ends. The handler answers with a reply (a string body goes out as
 * it is), or undefined where it has written, or means to leave, the response itself.
 */
export const startServer = async (
  handler: Handler,
): Promise<{ baseUrl: string; requests: Received[]; server: Server }> => {
  const requests: Received[] = [];
  const server = createServer((incoming, response) => {
    const serve = async (): Promise<void> => {
      const request = await receive(incoming);
      requests.push(request);
      const answer = await handler(request, response);
      if (answer !== undefined) reply(response, answer);
    };
    serve().catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2`, requests, server };
};

/** Replies in turn; the last one stays. */
export const inTurn = (...replies: Reply[]): Handler => {
  let next = 0;
  return () => replies[Math.min(next++, replies.length - 1)];
};

/** Time that passes only where somebody sleeps; `waits` are the sleeps. */
export const fakeClock = () => {
  const waits: number[] = [];
  let time = Date.UTC(2026, 0, 1);
  return {
    waits,
    now: () => time,
    random: () => 0.5,
    sleep: async (ms: number) => {
      waits.push(ms);
      time += ms;
    },
  };
};

type Options = ScimClientOptions & {
  profile?: ProfileName;
  credentials?: Credentials;
  overrides?: Overrides;
  capabilities?: Capabilities;
  sendWithinMs?: number;
  answerWithinMs?: number;
};

/** A provider as use cases get it. No waiting between retries unless a clock is given. */
export const open = (baseUrl: string, options: Options = {}): ServiceProvider => {
  const { sendWithinMs = 20_000, answerWithinMs = 25_000, ...others } = options;
  const { profile = "generic", credentials, overrides, capabilities, ...client } = others;
  const now = (client.now ?? Date.now)();
  return createScimClient({ allowLoopback: true, sleep: async () => {}, ...client })(
    {
      baseUrl,
      profile,
      overrides,
      capabilities,
      credentials: credentials ?? { type: "bearer", clientSecret: secret },
    },
    { sendUntil: now + sendWithinMs, answerUntil: now + answerWithinMs },
  );
};

/** What a call fails with; anything but a ProviderFailure fails the test. */
export const failureOf = async (work: Promise<unknown>): Promise<ProviderFailure> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProviderFailure) return error;
    throw error;
  }
  throw new Error("the call succeeded");
};

export const listOf = (...resources: JsonValue[]): Reply => ({
  body: {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    totalResults: resources.length,
    startIndex: 1,
    itemsPerPage: resources.length,
    Resources: resources,
  },
});

/** The operations of a PATCH. */
export const patchOf = (request: Received | undefined): JsonValue[] =>
  (request?.body as { Operations: JsonValue[] } | undefined)?.Operations ?? [];
