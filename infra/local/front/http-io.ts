import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { maxBodyBytes } from "../../../shared/http/input/read-body.ts";
import type { HttpResult } from "../../../shared/http/invocation.ts";

/** The whole body, unless it is larger than a Lambda would take it, or its sender left. */
export const readBody = (
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Buffer | "too-large" | "aborted"> => {
  if (request.destroyed) return Promise.resolve("aborted");
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) return Promise.resolve("too-large");
  if (request.headers.expect !== undefined) response.writeContinue();
  let chunks: Buffer[] = [];
  let size = 0;
  // Plain events: an async iterator would destroy the socket on an early return, and the answer with it.
  return new Promise((resolve) => {
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
      else {
        chunks = [];
        resolve("too-large");
      }
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("close", () => resolve("aborted"));
  });
};

/** Sends an answer; none where the client has left. */
export const send = (
  request: IncomingMessage,
  response: ServerResponse,
  result: HttpResult | undefined,
): void => {
  // The rest of a refused body is read and dropped, for as long as a request may take: a connection cut while the
  // client still writes would cost it the answer.
  request.resume();
  if (result === undefined || response.destroyed) return;
  const body = Buffer.from(result.body ?? "");
  const headers = Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]);
  const status = result.statusCode ?? 200;
  response.writeHead(status, {
    ...Object.fromEntries(headers),
    ...(status === 204 ? {} : { "content-length": body.length }),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // What is left of a body that was refused must not be taken for the next request.
    ...(request.complete ? {} : { connection: "close" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
};

/** @throws the listen error, e.g. EADDRINUSE */
export const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });

/** Requests under way get their answers, but a client that never finishes its own does not hold up the end. */
export const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 30_000).unref();
  });
