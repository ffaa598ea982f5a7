import { beforeEach, describe, expect, test } from "vitest";
import { type MemoryProvider, memoryProvider } from "../scim/lookup/memory-provider.ts";
import { type Received, type Reply, startServer } from "../scim/loopback.ts";
import { type Answer, useRun } from "./use-run.ts";

const usher = useRun();
const secret = "sec-7d1f0c9b3a5e8246-omega";
const token = "tok.4b8e2f7a.c91d";

let provider: MemoryProvider;
let server: Awaited<ReturnType<typeof startServer>>;
/** What the provider wants to see, and what the token endpoint gives. */
let wanted: (request: Received) => boolean;
let issue: () => Reply;
beforeEach(async () => {
  provider = memoryProvider();
  wanted = () => true;
  issue = () => ({ body: { access_token: token, token_type: "bearer", expires_in: 3600 } });
  provider.before = (request) => {
    if (request.path.endsWith("/token")) return issue();
    return wanted(request)
      ? undefined
      : { status: 401, body: { detail: `bad ${request.headers.authorization}` } };
  };
  server = await startServer(provider.handler);
});

const oauth = (fields: object = {}) => ({
  type: "oauth2_client_credentials",
  tokenUrl: server.baseUrl.replace("/scim/v2", "/oauth/token"),
  clientId: "usher",
  clientSecret: secret,
  ...fields,
});
const activate = (credentials: object) =>
  usher.call("POST", "/integrations", {
    application: { name: "Test" },
    baseUrl: server.baseUrl,
    credentials,
    allowSharedTarget: true,
  });
const given = async (credentials: object): Promise<string> => {
  const { status, text, body } = await activate(credentials);
  if (status !== 201) throw new Error(`the activation answered ${status}: ${text}`);
  server.requests.length = 0;
  return `/integrations/${body.integrationId}`;
};
let made = 0;
const putSomebody = (path: string): Promise<Answer> => {
  const userId = `somebody-${++made}`;
  const user = { email: `${userId}@example.com`, firstname: "Some", lastname: "Body" };
  return usher.call("PUT", `${path}/users/${userId}`, user);
};
const eventsOf = async (path: string, type: string) => {
  const query = `integrationId=${path.split("/")[2]}&eventType=${type}`;
  return (await usher.call("GET", `/events?${query}`)).body.items;
};
const basic = `Basic ${Buffer.from(`usher:${secret}`).toString("base64")}`;

describe.each<[string, () => object, object, (request: Received) => boolean]>([
  [
    "bearer",
    () => ({ type: "bearer", clientId: "usher", clientSecret: secret }),
    { type: "bearer", clientId: "usher" },
    ({ headers }) => headers.authorization === `Bearer ${secret}`,
  ],
  [
    "header",
    () => ({ type: "header", name: "X-Api-Key", template: "key {clientSecret}", clientSecret: secret }),
    { type: "header" },
    ({ headers }) => headers["x-api-key"] === `key ${secret}`,
  ],
  [
    "basic",
    () => ({ type: "basic", clientId: "usher", clientSecret: secret }),
    { type: "basic", clientId: "usher" },
    ({ headers }) => headers.authorization === basic,
  ],
  [
    "oauth2_client_credentials",
    () => oauth(),
    {
      type: "oauth2_client_credentials",
      clientId: "usher",
      tokenUrl: expect.stringContaining("/oauth/token"),
    },
    ({ headers }) => headers.authorization === `Bearer ${token}`,
  ],
])("credentials of type %s", (_, credentials, shown, isRight) => {
  test("activate, provision, and take the place of a bearer token by PATCH and reauth", async () => {
    wanted = isRight;
    const path = await given(credentials());
    expect((await putSomebody(path)).body).toMatchObject({ action: "created" });

    wanted = () => true;
    const other = await given({ type: "bearer", clientSecret: "another-token-1" });
    wanted = isRight;
    const patched = await usher.call("PATCH", other, { credentials: credentials() });
    expect([patched.status, patched.body.credentials]).toEqual([200, shown]);
    const renewed = await usher.call("POST", `${other}/reauth`, { credentials: credentials() });
    expect([renewed.status, renewed.body.credentials]).toEqual([200, shown]);
    expect((await putSomebody(other)).body).toMatchObject({ action: "created" });
  });

  test("are told by no answer and no event, whatever the provider echoes", async () => {
    wanted = isRight;
    const path = await given(credentials());
    wanted = () => false;
    const texts = [
      (await putSomebody(path)).text,
      (await putSomebody(path)).text,
      (await activate(credentials())).text,
      (await usher.call("POST", `${path}/reauth`, { credentials: credentials() })).text,
      (await usher.call("GET", path)).text,
      (await usher.call("GET", "/integrations")).text,
      (await usher.call("GET", "/events?limit=500")).text,
    ];
    expect((await usher.call("GET", path)).body).toMatchObject({ status: "needs_reauth" });
    for (const text of texts)
      for (const form of [secret, token, basic.slice(6), secret.slice(4, 20)])
        expect(text).not.toContain(form);
  });
});

describe("OAuth", () => {
  test("an access token that ended early is no reason for reauth", async () => {
    const path = await given(oauth());
    issue = () => ({ body: { access_token: "tok.renewed.1234", token_type: "Bearer" } });
    wanted = ({ headers }) => headers.authorization === "Bearer tok.renewed.1234";
    expect((await putSomebody(path)).body).toMatchObject({ action: "created" });
    expect((await usher.call("GET", path)).body).toMatchObject({ status: "active" });
  });

  test.each<[string, Reply, number, string, string]>([
    [
      "refuses the client",
      { status: 401, body: { error: "invalid_client" } },
      502,
      "provider-rejected",
      "needs_reauth",
    ],
    ["is down", { status: 503, headers: { "retry-after": "60" } }, 202, "provider-unavailable", "active"],
    ["answers HTML", { body: "<html>" }, 502, "provider-malformed", "active"],
  ])("a token endpoint that %s", async (_, reply, status, code, state) => {
    const path = await given(oauth());
    issue = () => reply;
    wanted = () => false;
    const failed = await putSomebody(path);
    const told = { code, detail: expect.stringContaining("The token endpoint") };
    const body = status === 202 ? { state: "retrying", lastError: told } : told;
    expect(failed).toMatchObject({ status, body });
    expect((await usher.call("GET", path)).body).toMatchObject({ status: state });
  });

  test.each<[string, Reply, string]>([
    [
      "refuses the client",
      { status: 401, body: { error: "invalid_client" } },
      "Check clientId and clientSecret.",
    ],
    ["is not there", { status: 404 }, "Check the tokenUrl and the scope."],
    ["is down", { status: 503, headers: { "retry-after": "60" } }, "Check the tokenUrl, or try again later."],
    ["answers HTML", { body: "<html>" }, "Check the tokenUrl: what answers there gives no access token."],
  ])("a test that fails since the token endpoint %s says what to check", async (_, reply, advice) => {
    issue = () => reply;
    const { body } = await activate(oauth());
    const isDown = reply.status === 503;
    expect(body.code).toBe(isDown ? "provider-unavailable" : "activation-test-failed");
    expect(body.detail).toContain(advice);
    expect(body.detail).not.toContain("base URL");
  });

  test("where the service provider is at fault, its base URL is to be checked", async () => {
    provider.before = (request) => (request.path.endsWith("/token") ? issue() : { body: "<html>" });
    expect((await activate(oauth())).body.detail).toContain("Check the base URL");
  });

  test("a type that there is not is told with those that there are", async () => {
    const { status, body } = await activate({ type: "oauth2", clientSecret: secret });
    expect(status).toBe(400);
    expect(body.errors).toEqual([
      {
        path: "credentials.type",
        message: "takes one of bearer, header, basic, oauth2_client_credentials",
      },
    ]);
  });

  test.each([
    "https://169.254.169.254/token",
    "http://auth.example.com/token",
    "https://u:p@auth.example.com/t",
    "https://@auth.example.com/t",
    "https://:@auth.example.com?x=/",
    "nonsense",
  ])("the token endpoint %s is refused before anything is sent", async (tokenUrl) => {
    const path = await given({ type: "bearer", clientSecret: "another-token-1" });
    const calls = [
      await activate(oauth({ tokenUrl })),
      await usher.call("PATCH", path, { credentials: oauth({ tokenUrl }) }),
      await usher.call("POST", `${path}/reauth`, { credentials: oauth({ tokenUrl }) }),
    ];
    for (const { status, body } of calls) {
      expect([status, body.code]).toEqual([400, "invalid-input"]);
      expect(body.errors.map((error) => error.path)).toEqual(["credentials.tokenUrl"]);
    }
    expect(server.requests).toHaveLength(0);
  });

  test("where the token is asked for is on record, and the secret is named alone", async () => {
    const path = await given(oauth({ expiresAt: "2099-01-01T00:00:00Z" }));
    const [event] = await eventsOf(path, "idm_integration_activate");
    expect(event?.changes).toEqual(
      expect.arrayContaining([
        { field: "authType", to: "oauth2_client_credentials" },
        { field: "clientId", to: "usher" },
        { field: "oauthServer", to: oauth().tokenUrl },
        { field: "expiresAt", to: "2099-01-01T00:00:00Z" },
        { field: "token" },
      ]),
    );
  });
});

describe("credentials that end", () => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const ending = (days: number) => ({ type: "bearer", clientSecret: secret, expiresAt: inDays(days) });
  const type = "idm_integration_credential_expiring";

  test("within 14 days show it, and one event a day says so, however often recovery runs", async () => {
    const path = await given(ending(13));
    const shown = (await usher.call("GET", path)).body.credentials;
    expect(shown).toEqual({ type: "bearer", expiresAt: expect.any(String), expiring: true });

    await usher.recover();
    await usher.recover();
    const events = await eventsOf(path, type);
    expect(events).toMatchObject([
      {
        event_type: type,
        success: true,
        initiated_by: { type: "service", id: "usher" },
        resource: { type: "application" },
        changes: [{ field: "expiresAt", to: (shown as { expiresAt: string }).expiresAt }],
      },
    ]);
    const [activated] = await eventsOf(path, "idm_integration_activate");
    const [stored, told] = [activated, events[0]].map((event) => Date.parse(String(event?.timestamp)));
    expect([told, Number(told) <= Date.now()]).toEqual([Number(stored) + 1, true]);
    expect((await usher.call("GET", `/events/${events[0]?.id}`)).body).toEqual(events[0]);
  });

  test("later, or at no known time, show nothing and leave no event", async () => {
    const path = await given(ending(15));
    await usher.recover();
    expect((await usher.call("GET", path)).body.credentials).not.toHaveProperty("expiring");
    expect(await eventsOf(path, type)).toEqual([]);
  });

  test("warn no more once they are exchanged, or the integration is deleted", async () => {
    const [path, deleted] = [await given(ending(1)), await given(ending(1))];
    const renewed = await usher.call("POST", `${path}/reauth`, { credentials: ending(300) });
    expect(renewed.body.credentials).not.toHaveProperty("expiring");
    await usher.call("DELETE", deleted);
    await usher.recover();
    expect(await eventsOf(path, type)).toEqual([]);
    expect(await eventsOf(deleted, type)).toEqual([]);
    expect((await usher.call("GET", deleted)).body.credentials).not.toHaveProperty("expiring");
  });
});
