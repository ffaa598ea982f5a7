import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { TestProvider } from "../../providers/provider.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { checkRaw, type RawCall, sendRaw } from "../../support/raw-request.ts";
import { givenIntegration, useUsher } from "../../support/steps.ts";

const usher = useUsher();
let provider: TestProvider;
let integrationId: string;

beforeAll(async () => {
  provider = await startScimmy();
  ({ integrationId } = await givenIntegration(usher, provider));
  return () => provider.close();
});

const check = (call: RawCall) => checkRaw(usher.run, call);

const interesting = fc.constantFrom(
  "",
  ".",
  "..",
  "a",
  "%",
  "%00",
  "%2e%2e",
  "%ff",
  "a%2Fb",
  "%25",
  "🙂",
  "x".repeat(130),
  "x".repeat(2000),
  "__proto__",
  "constructor",
  "toString",
  "null",
  "0",
  "-1",
  "a+b@c:d",
);
const segment = fc.oneof(
  interesting,
  fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
);
const json = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.constantFrom(
    "{}",
    "[]",
    "null",
    "0",
    '"x"',
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":{}}}',
    "{",
    "\ud800",
  ),
);
const header = fc.constantFrom<Record<string, string>>(
  {},
  { "content-type": "application/json" },
  { "content-type": "application/json" },
  { "content-type": "text/plain" },
  { "content-type": "application/json; charset=utf-16" },
  { "content-type": "application/json", "if-match": "*" },
  { "content-type": "application/json", "if-match": 'W/"1", "2' },
  { "content-type": "application/json", "idempotency-key": "same" },
  { "content-type": "application/json", "x-correlation-id": "ü".repeat(10) },
  { "content-type": "application/json", "change-reason": "\u00e9\u0080" },
  { "content-type": "application/json", "user-agent": "x".repeat(3000) },
  { "content-type": "application/json", "content-encoding": "gzip" },
  { authorization: "Bearer wrong" },
  { host: "evil.example.com" },
);
const methods = fc.constantFrom("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND");
const query = fc.oneof(
  fc.constant(""),
  fc.constantFrom(
    "?limit=5",
    "?limit=x",
    "?cursor=eyJhIjoxfQ",
    "?confirm=1e400",
    "?confirm=-0",
    "?action=delete",
    "?action=",
    "?state=in_sync",
    "?email=%00",
    "?a=b=c&&",
    "?__proto__=1",
    "?limit",
    "?%E0%A4%A",
  ),
  fc
    .dictionary(
      fc.constantFrom(
        "limit",
        "cursor",
        "confirm",
        "from",
        "to",
        "userId",
        "email",
        "status",
        "eventType",
        "order",
      ),
      fc.string({ maxLength: 30 }),
    )
    .map((fields) => `?${new URLSearchParams(fields)}`),
);

test("no request of any method, path, query, header and body is answered with 500", async () => {
  const path = fc
    .array(
      fc.oneof(
        fc.constantFrom("integrations", "users", "groups", "members", "events", "reauth", "health"),
        segment,
      ),
      { maxLength: 6 },
    )
    .map((parts) => `/${parts.join("/")}`)
    .filter((text) => /^[\x21-\x7e]+$/.test(text));
  const body = fc.option(
    fc.oneof(
      json.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    ),
    { nil: undefined },
  );
  await fc.assert(
    fc.asyncProperty(methods, path, query, header, body, (method, at, search, headers, sent) =>
      check({ method, path: at + search, headers, body: method === "HEAD" ? undefined : sent }),
    ),
    { numRuns: 1_500 },
  );
});

test("the ids . and .. are refused, spelled out or encoded, and lead to no other path", async () => {
  const body = Buffer.from(JSON.stringify({ email: "a@example.com", firstname: "A", lastname: "B" }));
  for (const id of [".", "..", "%2e", "%2E%2e", ".%2e"]) {
    for (const path of [`/users/${id}`, `/integrations/${integrationId}/users/${id}`]) {
      const headers = { "content-type": "application/json" };
      const { status, text } = await sendRaw(usher.run, { method: "PUT", path, headers, body });
      expect([path, status, JSON.parse(text).code]).toEqual([path, 400, "invalid-input"]);
    }
  }
});
