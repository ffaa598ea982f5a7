import { describe, expect, test } from "vitest";
import { type Credentials, credentialsSchema } from "../../../shared/model/credentials.ts";
import { failureOf, listOf, open, secret, startServer } from "../loopback.ts";

const clientSecret = secret;

describe("what proves who asks", () => {
  test.each<[string, Credentials, Record<string, string>]>([
    ["bearer", { type: "bearer", clientSecret }, { authorization: `Bearer ${secret}` }],
    [
      "header",
      {
        type: "header",
        name: "Authorization",
        template: "Token token={clientSecret}",
        clientSecret,
      },
      { authorization: `Token token=${secret}` },
    ],
    [
      "a header of its own",
      { type: "header", name: "X-Api-Key", template: "{clientSecret}", clientSecret: "a$&b$1" },
      { "x-api-key": "a$&b$1" },
    ],
    [
      "basic",
      { type: "basic", clientId: "usher", clientSecret: "pä ss:word" },
      { authorization: `Basic ${Buffer.from("usher:pä ss:word").toString("base64")}` },
    ],
  ])("%s", async (_, credentials, headers) => {
    const { baseUrl, requests } = await startServer(() => listOf());
    await open(baseUrl, { credentials }).findUsers("a");
    expect(requests[0]?.headers).toMatchObject(headers);
    if (!headers.authorization) expect(requests[0]?.headers.authorization).toBeUndefined();
  });

  test.each<Credentials>([
    { type: "header", name: "X-Api-Key", template: "Key {clientSecret}", clientSecret },
    { type: "basic", clientId: "usher", clientSecret },
  ])("what $type sends is told by no failure, however the provider echoes it", async (credentials) => {
    const { baseUrl } = await startServer(({ headers }) => ({
      status: 400,
      body: {
        detail: `got ${headers.authorization} ${headers["x-api-key"]} ${encodeURIComponent(String(headers.authorization))}`,
      },
    }));
    const provider = open(baseUrl, { credentials });
    const failure = await failureOf(provider.findUsers("a"));
    const told = JSON.stringify([failure.message, failure.details, provider.lastAnswer()]);
    const encoded = Buffer.from(`usher:${secret}`).toString("base64");
    expect(told).toContain("[redacted]");
    for (const form of [secret, encoded, encoded.slice(4, 24)]) expect(told).not.toContain(form);
  });
});

const refused = (credentials: object): string[] =>
  (credentialsSchema.safeParse(credentials).error?.issues ?? []).map(({ path }) => path.join("."));

describe("credentials that are refused", () => {
  test.each(
    [
      "Host",
      "content-length",
      "Transfer-Encoding",
      "CONNECTION",
      "Cookie",
      "Proxy-Authorization",
      "TE",
    ].concat(
      [
        "Content-Type",
        "Accept",
        "User-Agent",
        "If-Match",
        "X-Forwarded-For",
        "X-HTTP-Method-Override",
        "Expect",
      ],
      ["a b", "a:b", "a\r\nb", ""],
    ),
  )("a header named %j", (name) => {
    expect(refused({ type: "header", name, template: "{clientSecret}", clientSecret })).toContain("name");
  });

  test.each([
    "Token",
    "{clientSecret} {clientSecret}",
    "a\r\nHost: x {clientSecret}",
    " {clientSecret}",
    "ü{clientSecret}",
  ])("the template %j", (template) => {
    expect(refused({ type: "header", name: "X-Key", template, clientSecret })).toEqual(["template"]);
  });

  const oauth = {
    type: "oauth2_client_credentials",
    tokenUrl: "https://auth.example.com/token",
    clientId: "c",
    clientSecret,
  };

  test.each<[string, object, string]>([
    ["a line break in a bearer token", { type: "bearer", clientSecret: "a\nb" }, "clientSecret"],
    ["a line break in a client id", { type: "bearer", clientSecret, clientId: "a\r\nb" }, "clientId"],
    ["a line break in a password", { type: "basic", clientId: "a", clientSecret: "a\r\nb" }, "clientSecret"],
    ["a colon in the user of basic", { type: "basic", clientId: "a:b", clientSecret }, "clientId"],
    ["basic without a user", { type: "basic", clientSecret }, "clientId"],
    ["OAuth without a token endpoint", { ...oauth, tokenUrl: undefined }, "tokenUrl"],
    ["a line break in a scope", { ...oauth, scope: "a\nb" }, "scope"],
    ["a line break in an OAuth secret", { ...oauth, clientSecret: "a\nb" }, "clientSecret"],
    ["a day for a time", { type: "bearer", clientSecret, expiresAt: "2026-01-01" }, "expiresAt"],
    ["another type", { type: "digest", clientSecret }, "type"],
    ["a field of another type", { type: "bearer", clientSecret, tokenUrl: "https://x.example" }, ""],
  ])("%s", (_, credentials, path) => {
    expect(refused(credentials)).toEqual([path]);
  });

  test("nothing else: each type as documented, with the time of its end", () => {
    const expiresAt = "2027-01-01T00:00:00+02:00";
    for (const credentials of [
      { type: "bearer", clientSecret },
      { type: "header", name: "Authorization", template: "Token token={clientSecret}", clientSecret },
      { type: "basic", clientId: "usher", clientSecret: "with space" },
      { ...oauth, scope: "scim users.write" },
    ])
      expect(refused({ ...credentials, expiresAt })).toEqual([]);
  });
});
