import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { failureOf, open } from "../loopback.ts";
import { makeCertificate } from "./certificate.ts";

const startTls = async (identity: { cert: string; key: string }) => {
  const sockets = new Set<unknown>();
  const hosts: unknown[] = [];
  const server = createServer(identity, (request, response) => {
    sockets.add(request.socket);
    hosts.push(request.headers.host);
    response.end('{"totalResults": 0, "Resources": []}');
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { sockets, hosts, port: (server.address() as AddressInfo).port };
};

test("https: the certificate is checked against the host, and the connection kept for the next call", async () => {
  const identity = makeCertificate();
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, identity.cert]);
  onTestFinished(() => setDefaultCACertificates(before));
  const { sockets, hosts, port } = await startTls(identity);
  for (const name of ["a", "b", "c"]) {
    const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
    expect(await open(`https://localhost:${port}`, { resolve }).findUsers(name)).toEqual([]);
  }
  expect(sockets.size).toBe(1);
  expect(await open(`https://127.0.0.1:${port}`).findUsers("d")).toEqual([]);
  expect(new Set(hosts)).toEqual(new Set([`localhost:${port}`, `127.0.0.1:${port}`]));

  const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  const other = await failureOf(open(`https://other.localhost:${port}`, { resolve }).findUsers("a"));
  expect(other).toMatchObject({ kind: "unavailable" });
  expect(other.message).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
});

test("a certificate that nobody vouches for: nothing is sent, and waiting does not help", async () => {
  const { hosts, port } = await startTls(makeCertificate());
  const provider = open(`https://127.0.0.1:${port}`);
  const failure = await failureOf(provider.createUser({ userName: "a" }));
  expect(failure).toMatchObject({ kind: "unavailable", maybeApplied: false });
  expect(failure.message).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect(provider.requestCount()).toBe(1);
  expect(hosts).toEqual([]);
});
