import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Credentials } from "../../../shared/model/credentials.ts";
import { createResourceRedactor } from "../../../shared/scim/auth/redact-resource.ts";
import { failureOf, inTurn, listOf, open, startServer } from "../loopback.ts";

const secret = 'tOk/9f2c+4e7ä"a1b8\\d605_-zeta';
const escaped = (text: string) =>
  [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");

describe("a resource", () => {
  test.each([
    ["as it is", JSON.stringify({ title: `a ${secret} b` })],
    ["in upper case", JSON.stringify({ title: `a ${secret.toUpperCase()} b` })],
    ["percent-encoded", JSON.stringify({ title: `a ${encodeURIComponent(secret)} b` })],
    ["hexadecimal", JSON.stringify({ title: `a ${Buffer.from(secret).toString("hex")} b` })],
    ["with slashes escaped", JSON.stringify({ title: `a ${secret} b` }).replaceAll("/", "\\/")],
    ["with each character escaped", `{"title":"a ${escaped(secret)} b"}`],
    [
      "with each character escaped in upper case",
      `{"title":"a ${escaped(secret).replaceAll("e4", "E4")} b"}`,
    ],
  ])("does not hold the secret %s, and all else as it was", (_, text) => {
    expect(JSON.parse(createResourceRedactor(secret)(text))).toEqual({ title: "a [redacted] b" });
  });

  test.each([0, 1, 2, 3])("does not hold the secret in base64 behind %i other bytes", (offset) => {
    for (const encoding of ["base64", "base64url"] as const) {
      const text = JSON.stringify({ title: Buffer.from("xyz".slice(0, offset) + secret).toString(encoding) });
      const clean = createResourceRedactor(secret)(text);
      expect(Buffer.from(JSON.parse(clean).title, encoding).toString("latin1")).not.toMatch(/9f2c|zeta/);
      expect(clean).toContain("[redacted]");
    }
  });

  test("keeps what is only part of a secret, and all of a secret that may be a word", () => {
    const text = JSON.stringify({ title: "password manager", userName: "example.com" });
    for (const one of ["password", "example.com", "my-password-2024", "Token of example.com!"])
      expect(createResourceRedactor(one)(text)).toBe(text);
  });

  test("means the same whatever is redacted, and is the same text where nothing is", () => {
    const redact = createResourceRedactor(secret);
    const spelled = fc.json({ stringUnit: "binary" }).map((json) => json.replaceAll("/", "\\/"));
    fc.assert(fc.property(spelled, (json) => redact(json) === json));
    const around = fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(around, ([before, after]) => {
        const text = JSON.stringify([before + secret + after]).replaceAll("/", "\\/");
        expect(JSON.parse(redact(text))).toEqual([`${before}[redacted]${after}`]);
      }),
    );
  });

  test("that is no JSON is searched all the same", () => {
    const text = `\\U0041 \\u00zz \\`;
    expect(createResourceRedactor(secret)(text)).toBe(text);
    expect(createResourceRedactor(secret)(`${text}${secret}`)).toBe(`${text}[redacted]`);
  });

  test("of megabytes without the secret is searched quickly", () => {
    const text = JSON.stringify({ title: 'aé/"\\ tok'.repeat(400_000) });
    const redact = createResourceRedactor(secret);
    const began = performance.now();
    expect(redact(text)).toBe(text);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe("what a provider echoes of the secret in a resource", () => {
  const credentials: Credentials = { type: "bearer", clientSecret: "tok-9f2c/4e7a1b8d6053-zeta" };
  const echo = credentials.clientSecret;
  const told = (value: unknown) => expect(JSON.stringify(value)).not.toMatch(/9f2c|zeta/);

  test("is in no attribute and no id that is read", async () => {
    const { baseUrl } = await startServer(() =>
      listOf({ id: `id-${echo}`, userName: "a", title: `is ${echo}` }),
    );
    const found = await open(baseUrl, { credentials }).findUsers("a");
    expect(found).toMatchObject([{ id: "id-[redacted]", resource: { title: "is [redacted]" } }]);
    told(found);
  });

  test.each([echo, encodeURIComponent(echo)])("is in no id of a Location: %s", async (id) => {
    const { baseUrl } = await startServer(() => ({
      status: 201,
      headers: { location: `/scim/v2/Users/${id}` },
    }));
    const work = open(baseUrl, { credentials }).createUser({ userName: "a" });
    told(await work.catch((error: unknown) => error));
  });

  test("is in no access token's place either", async () => {
    const token = "access-9f2c4e7a1b8d6053-zeta";
    const { baseUrl } = await startServer(({ path }) =>
      path === "/token"
        ? { body: { access_token: token, token_type: "Bearer" } }
        : listOf({ id: "1", userName: "a", title: token }),
    );
    const tokenUrl = new URL("/token", baseUrl).href;
    const oauth = { type: "oauth2_client_credentials", tokenUrl, clientId: "c", clientSecret: echo } as const;
    expect(await open(baseUrl, { credentials: oauth }).findUsers("a")).toMatchObject([
      { resource: { title: "[redacted]" } },
    ]);
  });

  test("is not taken for the place where a redirect leads", async () => {
    const { baseUrl, requests } = await startServer(
      inTurn({ status: 307, headers: { location: `/scim/v2/Users?token=${echo}` } }, listOf()),
    );
    await open(baseUrl, { credentials }).findUsers("a");
    expect(requests[1]?.query).toEqual({ token: echo });
  });
});

test("a password is told by no failure, form-encoded either", async () => {
  const clientSecret = "pä &+/ 1";
  const { baseUrl } = await startServer(() => ({
    status: 400,
    body: { detail: `got ${new URLSearchParams([["p", clientSecret]])}` },
  }));
  const credentials = { type: "basic", clientId: "c", clientSecret } as const;
  const { details } = await failureOf(open(baseUrl, { credentials }).findUsers("a"));
  expect(details).toEqual(["got p=[redacted]"]);
});
