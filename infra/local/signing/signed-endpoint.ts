import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import { AwsError } from "./aws-error.ts";
import type { RunKeys } from "./run-keys.ts";
import { failure, readSignedRequest } from "./signed-request.ts";

/** A running endpoint: `url` is what the SDK takes as `endpoint`; `close` waits for requests under way. */
export type RunningEndpoint = { url: string; close: () => Promise<void> };

export type SignedEndpointOptions = {
  /** Service name that a signature's credential scope must state, e.g. `dynamodb`. */
  service: string;
  contentType: "application/x-amz-json-1.0" | "application/x-amz-json-1.1";
  keys: Pick<RunKeys, "accessKeyId" | "secretAccessKey">;
  /** 0, the default, takes any free port. */
  port?: number;
  maxBodyBytes?: number;
  /** Clock in epoch milliseconds that a signature's date is held against. */
  now?: () => number;
  /**
   * Carries out one operation and returns the answer's body. `target` is the X-Amz-Target header, `input` the
   * parsed JSON object. An AwsError becomes the answer; of anything else the caller sees InternalServerError.
   */
  handle: (target: string, input: Record<string, unknown>) => Promise<object>;
  /** Told of what `handle` threw and was no AwsError. */
  onError?: (error: unknown) => void;
};

type Settings = Required<SignedEndpointOptions>;

/**
 * Starts an HTTP server on 127.0.0.1 that hands POST requests to `handle` once their AWS Signature Version 4
 * is proven to be made with `keys`. Everything else is refused: another method, path or Host header (a page
 * in the user's browser could reach the port under a name of its own), no signature, a wrong or old one.
 * No CORS header is ever sent. Sizes and times are bounded, and no request can end the process.
 *
 * @throws the listen error, e.g. EADDRINUSE
 */
export async function startSignedEndpoint(options: SignedEndpointOptions): Promise<RunningEndpoint> {
  const settings: Settings = {
    port: 0,
    maxBodyBytes: 16 * 1024 * 1024,
    now: Date.now,
    onError: (error) => console.error(error),
    ...options,
  };
  const server = createServer({ connectionsCheckingInterval: 5_000 }, (request, response) => {
    // An aborted request or a socket closed under the answer is the client's affair.
    request.on("error", () => {});
    response.on("error", () => {});
    readSignedRequest(request, settings)
      .then(({ target, input }) => settings.handle(target, input))
      .then(
        (body) => send(request, response, 200, body, settings),
        (error) => sendError(request, response, error, settings),
      )
      .catch(() => response.destroy());
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 60_000;
  server.on("clientError", (_error, socket) => socket.destroy());
  await listen(server, settings.port);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => stop(server) };
}

function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  settings: Settings,
): void {
  const known = error instanceof AwsError;
  if (!known) settings.onError(error);
  const { status, body } = known
    ? error
    : failure(500, "InternalServerError", "The request could not be carried out.");
  send(request, response, status, body, settings);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: object,
  settings: Settings,
): void {
  // The rest of a refused body is read and dropped, within requestTimeout: a connection cut while the client
  // still writes would cost it the answer.
  request.resume();
  if (response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": settings.contentType,
    "content-length": bytes.length,
    "x-amzn-requestid": randomUUID(),
    "x-amz-crc32": crc32(bytes),
  });
  response.end(bytes);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection kept alive becomes idle after its last answer.
    const closing = setInterval(() => server.closeIdleConnections(), 20);
    // A client that never finishes its request shall not hold up the end of the run.
    const patience = setTimeout(() => server.closeAllConnections(), 5_000);
    server.close(() => {
      clearInterval(closing);
      clearTimeout(patience);
      resolve();
    });
  });
}
