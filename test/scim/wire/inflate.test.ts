import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { inflate } from "../../../shared/scim/wire/inflate.ts";
import { failureOf, listOf, open, startServer } from "../loopback.ts";

const list = listOf({ id: "1", userName: "ada@example.com" }).body;
const text = JSON.stringify(list);
const codings: [string, (bytes: Buffer) => Buffer][] = [
  ["gzip", gzipSync],
  ["X-GZIP", gzipSync],
  ["deflate", deflateSync],
  ["deflate", deflateRawSync],
  ["br", brotliCompressSync],
  ["gzip, br", (bytes) => brotliCompressSync(gzipSync(bytes))],
  ["identity", (bytes) => bytes],
  // A proxy has taken the coding off and left the header.
  ["gzip", (bytes) => bytes],
  ["something-new", (bytes) => bytes],
];

/** Answers everything with these bytes. */
const serving = (bytes: Buffer, coding: string, status = 200) =>
  startServer((_, response) => {
    response.writeHead(status, { "content-type": "application/scim+json", "content-encoding": coding });
    response.end(bytes);
    return undefined;
  });

test.each(codings)("an answer that comes as %s is read", async (coding, encode) => {
  const { baseUrl } = await serving(encode(Buffer.from(text)), coding);
  expect(await open(baseUrl).findUsers("ada@example.com")).toMatchObject([{ id: "1" }]);
});

const bombs: typeof codings = [
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
  ["gzip, gzip", (bytes) => gzipSync(gzipSync(bytes))],
];

test.each(bombs)(
  "an answer of %s that unfolds beyond the bound is too large, and is not unfolded further",
  async (coding, encode) => {
    const bomb = encode(Buffer.alloc(200 * 1024 * 1024, " "));
    const { baseUrl } = await serving(bomb, coding);
    const before = process.memoryUsage().rss;
    const failure = await failureOf(open(baseUrl).findUsers("ada@example.com"));
    expect([failure.kind, failure.message]).toEqual(["malformed", expect.stringContaining("too large")]);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  },
);

test("a refusal that unfolds beyond the bound is that refusal without its words", async () => {
  const { baseUrl } = await serving(gzipSync(Buffer.alloc(20 * 1024 * 1024, "x")), "gzip", 403);
  expect(await failureOf(open(baseUrl).createUser({ userName: "ada@example.com" }))).toMatchObject({
    kind: "rejected",
    status: 403,
    details: [],
  });
});

test("a body that ends early shows as much as there is of it", async () => {
  const whole = gzipSync(Buffer.from("words ".repeat(2_000) + Math.random()), { level: 0 });
  const part = await inflate(whole.subarray(0, 5_000), "gzip", 100_000);
  expect(String(part)).toMatch(/^words words /);
});

test("more codings than an answer has are not taken off, one in the other", async () => {
  const bytes = gzipSync(gzipSync(gzipSync(gzipSync(Buffer.from(text)))));
  expect(await inflate(bytes, "gzip, gzip, gzip, gzip", 100_000)).toBe(bytes);
});
