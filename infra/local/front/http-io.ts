import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { HttpResult } from "../../../shared/http/invocation.ts";

/** How many bytes of bodies may still come into memory, those of calls that wait for their turn included. */
export type Room = { left: number };

/**
 * The whole body, whose length is taken from `room` until the caller gives it back; or why there is none: larger than
 * `maxBytes`, no room for it, not there in time, or its sender left.
 */
export const readBody = (
  request: IncomingMessage,
  response: ServerResponse,
  { room, arrivalMs, maxBytes }: { room: Room; arrivalMs: number; maxBytes: number },
): Promise<Buffer | "too-large" | "no-room" | "late" | "aborted"> => {
  if (request.destroyed) return Promise.resolve("aborted");
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve("too-large");
  if (request.headers.expect !== undefined) response.writeContinue();
  let chunks: Buffer[] = [];
  let size = 0;
  // Plain events: an async iterator would destroy the socket on an early return, and the answer with it.
  return new Promise((resolve) => {
    const giveUp = (reason: "too-large" | "no-room" | "late" | "aborted") => {
      clearTimeout(timer);
      request.off("data", take).off("end", end).off("close", leave);
      room.left += size;
      chunks = [];
      resolve(reason);
    };
    const timer = setTimeout(giveUp, arrivalMs, "late");
    const take = (chunk: Buffer) => {
      size += chunk.length;
      room.left -= chunk.length;
      if (size > maxBytes) giveUp("too-large");
      else if (room.left < 0) giveUp("no-room");
      else chunks.push(chunk);
    };
    const end = () => {
      clearTimeout(timer);
      request.off("close", leave);
      resolve(Buffer.concat(chunks));
    };
    const leave = () => giveUp("aborted");
    request.on("data", take).on("end", end).on("close", leave);
  });
};

/** What is read of a body that was refused, so that a client that still writes it comes to read the answer. */
const drained = { bytes: 16 * 1024 * 1024, ms: 2_000 };

/** Sends an answer; none where the client has left. */
export const send = (
  request: IncomingMessage,
  response: ServerResponse,
  result: HttpResult | undefined,
): void => {
  if (result === undefined || response.destroyed) return void request.resume();
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
  const text = request.method === "HEAD" ? undefined : body;
  // Who asks before sending (`Expect: 100-continue`) sends nothing after a refusal.
  if (request.complete || request.headers.expect !== undefined) return void response.end(text);
  // The end closes the connection, and a connection that is closed with bytes unread costs the client the answer.
  if (text) response.write(text);
  drain(request, () => response.end());
};

const drain = (request: IncomingMessage, then: () => void): void => {
  let left = drained.bytes;
  const end = () => {
    clearTimeout(timer);
    request.off("data", count).off("end", end).off("close", end);
    then();
  };
  const timer = setTimeout(end, drained.ms);
  const count = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) end();
  };
  request.on("data", count).on("end", end).on("close", end).resume();
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
