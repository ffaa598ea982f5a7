import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { HttpResult } from "../../../shared/http/invocation.ts";

type Refusal = { status: number; detail: string };

export const lateRefusal: Refusal = { status: 408, detail: "The request did not arrive in time." };
/** What Node's parser says of bytes that it does not take for a request. */
const refusals: Record<string, Refusal> = {
  ERR_HTTP_REQUEST_TIMEOUT: lateRefusal,
  HPE_HEADER_OVERFLOW: { status: 431, detail: "The header fields are larger than 16 KB." },
};
const noMethod: Refusal = { status: 501, detail: "There is no such method in HTTP." };
const noHttp: Refusal = { status: 400, detail: "The request is not valid HTTP/1.1." };

/**
 * Answers what reaches no route with a problem document too: bytes that are no request, CONNECT and expectations that
 * nobody meets. Nothing of what was sent is repeated.
 */
export const refuseUnreadable = (server: Server): void => {
  server.on("clientError", (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    const isRequest = /^[A-Z]+ \S+ HTTP\/1\.[01]\r\n/.test(
      error.rawPacket?.toString("latin1", 0, 8192) ?? "",
    );
    const other = isRequest && error.code === "HPE_INVALID_METHOD" ? noMethod : noHttp;
    refuse(socket, refusals[error.code ?? ""] ?? other);
  });
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => {
    refuse(socket, { status: 501, detail: "This server is no proxy: it takes no CONNECT." });
  });
  server.on("checkExpectation", (_request: IncomingMessage, response: ServerResponse) => {
    refuseOn(response, { status: 417, detail: "The only expectation that is met is 100-continue." });
  });
};

const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };

/** The answer of a call whose request turned out to be unreadable. */
export const unreadableAnswer = (refusal: Refusal): HttpResult => ({
  statusCode: refusal.status,
  headers,
  body: bodyOf(refusal),
});

const refuseOn = (response: ServerResponse, refusal: Refusal): void => {
  const body = bodyOf(refusal);
  response.writeHead(refusal.status, {
    ...headers,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  response.end(body);
};

const bodyOf = ({ status, detail }: Refusal): string =>
  JSON.stringify({
    type: "urn:usher:problem:invalid-input",
    title: "The input is not valid",
    status,
    detail,
    code: "invalid-input",
  });

const refuse = (socket: Duplex, refusal: Refusal): void => {
  socket.on("error", () => {});
  const response = "_httpMessage" in socket ? (socket._httpMessage as ServerResponse | null) : undefined;
  // Of a request that is not whole, e.g. for a chunk that is none: its call has not begun.
  if (response && socket.writable && !response.headersSent && !response.req.complete) {
    refuseOn(response, refusal);
    return;
  }
  // Nothing can be told any more, or an answer is on its way and would be cut in two.
  if (!socket.writable || response) {
    socket.destroy();
    return;
  }
  const body = bodyOf(refusal);
  const lines = Object.entries({
    ...headers,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
  );
};
