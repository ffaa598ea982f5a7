import { createServer, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** `pass`: as the provider answers. A number: that status for all; `refuse`: 403 for all that changes something. */
export type Way = "pass" | "refuse" | "ignore" | 401 | 503;

/**
 * A proxy on loopback before a SCIM server, which fails in the way that it is told. `ignore` answers a change with what was
 * there before, and makes none.
 */
export const startFailingFront = async (baseUrl: string) => {
  let way: Way = "pass";
  const { hostname: host, port, pathname } = new URL(baseUrl);
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const isRead = req.method === "GET";
      if (typeof way === "number") return refuse(res, way);
      if (way === "refuse" && !isRead) return refuse(res, 403);
      const isSent = isRead || way === "pass";
      const { "content-length": _, ...headers } = req.headers;
      const sent = request(
        { host, port, path: req.url, method: isSent ? req.method : "GET", headers },
        (answer) => {
          res.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(res);
        },
      );
      sent.on("error", () => refuse(res, 503));
      sent.end(isSent && !isRead ? Buffer.concat(chunks) : undefined);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    go(next: Way) {
      way = next;
    },
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
};

const refuse = (res: ServerResponse, status: number): void => {
  res.writeHead(status, { "content-type": "application/scim+json" });
  res.end(
    JSON.stringify({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: String(status),
      detail: "The account is an owner.",
    }),
  );
};
