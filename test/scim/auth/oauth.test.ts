import { describe, expect, test } from "vitest";
import type { Credentials } from "../../../shared/model/credentials.ts";
import { createScimClient } from "../../../shared/scim/client.ts";
import {
  failureOf,
  fakeClock,
  type Handler,
  listOf,
  open,
  type Received,
  type Reply,
  secret,
  startServer,
} from "../loopback.ts";

const clientId = "usher client";
const issued = (token: string, more: object = {}): Reply => ({
  headers: { "content-type": "application/json" },
  body: { access_token: token, token_type: "Bearer", expires_in: 3600, ...more },
});
const basic = `Basic ${Buffer.from(`usher+client:${secret}`).toString("base64")}`;

/** A provider and its token endpoint on one server, or the endpoint elsewhere. */
const start = async (token: Handler, scim: Handler = () => listOf()) => {
  const server = await startServer((request, response) =>
    request.path.endsWith("/token") ? token(request, response) : scim(request, response),
  );
  const tokenUrl = server.baseUrl.replace("/scim/v2", "/oauth/token");
  const credentials: Credentials = {
    type: "oauth2_client_credentials",
    tokenUrl,
    clientId,
    clientSecret: secret,
    scope: "scim",
  };
  const asked = (): Received[] => server.requests.filter(({ path }) => path.endsWith("/token"));
  return { ...server, credentials, asked };
};

/** Fresh tokens `t1`, `t2` … at each request. */
const counting = (more: object = {}): Handler => {
  let made = 0;
  return () => issued(`access-token-number-${++made}`, more);
};
const tokenOf = ({ headers }: Received) => headers.authorization;

describe("the access token", () => {
  test("is asked for by the client credentials grant and goes to the provider", async () => {
    const { baseUrl, credentials, requests } = await start(counting());
    const provider = open(baseUrl, { credentials });
    await provider.findUsers("a");
    expect(requests[0]).toMatchObject({
      method: "POST",
      path: "/oauth/token",
      headers: { authorization: basic, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials&scope=scim",
    });
    expect(tokenOf(requests[1]!)).toBe("Bearer access-token-number-1");
    expect(provider.requestCount()).toBe(2);
  });

  test("is kept for other attempts until shortly before its end", async () => {
    const clock = fakeClock();
    const { baseUrl, credentials, asked } = await start(counting({ expires_in: 600 }));
    const client = createScimClient({ allowLoopback: true, ...clock });
    const attempt = () =>
      client(
        { baseUrl, profile: "generic", credentials },
        { sendUntil: clock.now() + 20_000, answerUntil: clock.now() + 25_000 },
      ).findUsers("a");
    await attempt();
    await clock.sleep(539_000);
    await attempt();
    expect(asked()).toHaveLength(1);
    await clock.sleep(2_000);
    await attempt();
    expect(asked()).toHaveLength(2);
  });

  test("is not kept where it ends at once", async () => {
    const { baseUrl, credentials, requests } = await start(counting({ expires_in: 0 }));
    const provider = open(baseUrl, { credentials });
    await provider.findUsers("a");
    await provider.findUsers("a");
    const shown = requests
      .filter(({ path }) => path.endsWith("/Users"))
      .map(({ headers }) => headers.authorization);
    expect(shown).toEqual(["Bearer access-token-number-1", "Bearer access-token-number-2"]);
  });

  test("is asked for once by attempts that begin together", async () => {
    const { baseUrl, credentials, asked } = await start(async (request, response) => {
      await new Promise((done) => setTimeout(done, 50));
      return counting()(request, response);
    });
    const client = createScimClient({ allowLoopback: true });
    const limits = { sendUntil: Date.now() + 5_000, answerUntil: Date.now() + 5_000 };
    await Promise.all(
      Array.from({ length: 8 }, () =>
        client({ baseUrl, profile: "generic", credentials }, limits).findUsers("a"),
      ),
    );
    expect(asked()).toHaveLength(1);
  });

  test("is another one for another secret, and for another origin", async () => {
    const one = await start(counting());
    const other = await startServer(() => listOf());
    const client = createScimClient({ allowLoopback: true });
    const limits = { sendUntil: Date.now() + 5_000, answerUntil: Date.now() + 5_000 };
    const ask = (baseUrl: string, credentials: Credentials) =>
      client({ baseUrl, profile: "generic", credentials }, limits).findUsers("a");
    await ask(one.baseUrl, one.credentials);
    await ask(one.baseUrl, { ...one.credentials, clientSecret: "another-secret" });
    await ask(other.baseUrl, one.credentials);
    expect(one.asked()).toHaveLength(3);
    expect(tokenOf(other.requests[0]!)).toBe("Bearer access-token-number-3");
  });

  test.each([
    ["401", { status: 401 }],
    ["invalid_client", { status: 400, body: { error: "invalid_client" } }],
    ["invalid_request", { status: 400, body: { error: "invalid_request" } }],
  ])("is asked for by the form where Basic is answered %s", async (_, refusal) => {
    const { baseUrl, credentials, asked } = await start(({ headers, body }) => {
      if (headers.authorization !== undefined) return refusal;
      const form = new URLSearchParams(String(body));
      return form.get("client_id") === clientId && form.get("client_secret") === secret
        ? issued("access-token-by-form")
        : { status: 400 };
    });
    await open(baseUrl, { credentials }).findUsers("a");
    expect(asked()).toHaveLength(2);
  });
});

describe("a 401 of the provider", () => {
  test("is answered once by a new token, and the request goes again", async () => {
    const { baseUrl, credentials, requests } = await start(counting(), ({ headers }) =>
      headers.authorization?.endsWith("number-1")
        ? { status: 401 }
        : { status: 201, body: { id: "7", userName: "a" } },
    );
    const provider = open(baseUrl, { credentials });
    expect((await provider.createUser({ userName: "a" })).id).toBe("7");
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /oauth/token",
      "POST /scim/v2/Users",
      "POST /oauth/token",
      "POST /scim/v2/Users",
    ]);
    expect(provider.requestCount()).toBe(4);
  });

  test("is one of the credentials where the new token is refused too", async () => {
    const { baseUrl, credentials, requests } = await start(counting(), () => ({ status: 401 }));
    expect(await failureOf(open(baseUrl, { credentials }).findUsers("a"))).toMatchObject({
      kind: "unauthorized",
      status: 401,
    });
    expect(requests).toHaveLength(4);
  });

  test("renews nothing where the secret itself was sent", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 401 }));
    expect((await failureOf(open(baseUrl).findUsers("a"))).kind).toBe("unauthorized");
    expect(requests).toHaveLength(1);
  });
});

describe("a token endpoint that gives no token", () => {
  test.each<[string, Reply, object]>([
    ["401", { status: 401, body: { error: "invalid_client" } }, { kind: "unauthorized", status: 401 }],
    ["400 invalid_client", { status: 400, body: { error: "invalid_client" } }, { kind: "unauthorized" }],
    [
      "400 unauthorized_client",
      { status: 400, body: { error: "unauthorized_client" } },
      { kind: "unauthorized" },
    ],
    [
      "400 invalid_scope",
      { status: 400, body: { error: "invalid_scope" } },
      { kind: "rejected", status: 400 },
    ],
    ["404", { status: 404 }, { kind: "rejected", status: 404 }],
    ["a redirect", { status: 307, headers: { location: "/elsewhere" } }, { kind: "rejected", status: 307 }],
    ["503", { status: 503 }, { kind: "unavailable", status: 503 }],
    ["HTML", { body: "<html>Sign in</html>" }, { kind: "malformed", status: 200 }],
    ["no token", { body: { token_type: "Bearer" } }, { kind: "malformed" }],
    ["a token with a line break", issued("a\r\nHost: evil"), { kind: "malformed" }],
    ["a token of another type", issued("abcdefgh12345", { token_type: "mac" }), { kind: "malformed" }],
  ])("%s", async (_, reply, failure) => {
    const { baseUrl, credentials, requests } = await start(() => reply);
    const provider = open(baseUrl, { credentials });
    const thrown = await failureOf(provider.findUsers("a"));
    expect(thrown).toMatchObject({ ...failure, maybeApplied: false });
    expect(thrown.message).toContain("The token endpoint");
    expect(requests.every(({ path }) => path === "/oauth/token")).toBe(true);
    expect(provider.lastAnswer().message).toBe(thrown.message);
  });

  test("down", async () => {
    const { baseUrl, credentials } = await start(() => listOf());
    const gone = { ...credentials, tokenUrl: "http://127.0.0.1:1/token" } as Credentials;
    expect(await failureOf(open(baseUrl, { credentials: gone }).findUsers("a"))).toMatchObject({
      kind: "unavailable",
    });
  });

  test("slow: bounded by the time of a request and of the call", async () => {
    const { baseUrl, credentials } = await start(() => undefined);
    const options = { credentials, requestTimeoutMs: 100, sendWithinMs: 300, answerWithinMs: 400 };
    const before = Date.now();
    expect((await failureOf(open(baseUrl, options).findUsers("a"))).kind).toBe("unavailable");
    expect(Date.now() - before).toBeLessThan(2_000);
  });

  test("forbidden by the guard: nothing is sent", async () => {
    const { baseUrl, credentials, requests } = await start(counting());
    const elsewhere = { ...credentials, tokenUrl: "https://auth.example.com/token" } as Credentials;
    const resolve = async () => [{ address: "169.254.169.254", family: 4 }];
    const provider = open(baseUrl, { credentials: elsewhere, resolve });
    expect((await failureOf(provider.findUsers("a"))).kind).toBe("refused-target");
    expect(requests).toHaveLength(0);
    expect(provider.requestCount()).toBe(0);
  });
});

test("neither secret nor token is told by a failure, whoever echoes it", async () => {
  const token = "eyJhbGciOi.access-token.c2lnbmF0dXJl";
  const echo: Handler = ({ headers, body }) => ({
    status: 400,
    body: { detail: `${headers.authorization} ${JSON.stringify(body)}` },
  });
  const told: string[] = [];
  for (const [tokens, scim] of [
    [echo, echo],
    [() => issued(token), echo],
  ] as [Handler, Handler][]) {
    const { baseUrl, credentials } = await start(tokens, scim);
    const provider = open(baseUrl, { credentials });
    const { message, details } = await failureOf(provider.createUser({ userName: "a" }));
    told.push(JSON.stringify([message, details, provider.lastAnswer()]));
  }
  const encoded = Buffer.from(`usher+client:${secret}`).toString("base64");
  for (const text of told) {
    expect(text).toContain("[redacted]");
    for (const form of [secret, token, encoded, encodeURIComponent(secret), token.slice(11, 23)])
      expect(text).not.toContain(form);
  }
});
