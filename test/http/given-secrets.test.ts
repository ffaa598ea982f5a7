import {
  CreateSecretCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type MemoryProvider, memoryProvider } from "../scim/lookup/memory-provider.ts";
import { type Received, startServer } from "../scim/loopback.ts";
import { useRun } from "./use-run.ts";

const usher = useRun();
const secret = "sec-51c0ffee9b7d-given";
const access = "tok.a1f3c5e7.b9d1";
let secrets: SecretsManagerClient;
let provider: MemoryProvider;
let server: Awaited<ReturnType<typeof startServer>>;
/** What the provider takes; the token endpoint is its own. */
let wanted: (request: Received) => boolean;

beforeAll(() => {
  // Of the embedded run: its address and keys are in the environment.
  secrets = new SecretsManagerClient({});
});
afterAll(() => secrets.destroy());
beforeEach(async () => {
  provider = memoryProvider();
  wanted = ({ headers }) => headers.authorization === `Bearer ${secret}`;
  provider.before = (request) => {
    if (request.path.endsWith("/token"))
      return { body: { access_token: access, token_type: "bearer", expires_in: 3600 } };
    return wanted(request) ? undefined : { status: 401, body: { detail: "bad" } };
  };
  server = await startServer(provider.handler);
});

let made = 0;
/** A secret as an operator makes it; its name. */
const givenSecret = async (value: unknown, folder = "usher/given/"): Promise<string> => {
  const Name = `${folder}provider-${++made}`;
  const SecretString = typeof value === "string" ? value : JSON.stringify(value);
  await secrets.send(new CreateSecretCommand({ Name, SecretString }));
  return Name;
};
const tokenUrl = () => server.baseUrl.replace("/scim/v2", "/oauth/token");
const bearerBy = (secretArn: string) => ({ type: "bearer", secretArn });
const activate = (credentials: object, fields: object = {}) =>
  usher.call("POST", "/integrations", {
    application: { name: "Test" },
    baseUrl: server.baseUrl,
    credentials,
    allowSharedTarget: true,
    ...fields,
  });
const eventsOf = async (query: string) => (await usher.call("GET", `/events?${query}`)).body.items;

test("an integration is activated with a secret that an operator has made, by its name or its ARN, and works with it", async () => {
  const name = await givenSecret({ clientSecret: secret, baseUrl: server.baseUrl });
  const { SecretList = [] } = await secrets.send(new ListSecretsCommand({ MaxResults: 100 }));
  const arn = SecretList.find(({ Name }) => Name === name)?.ARN ?? "";
  expect(arn).toContain(":secret:usher/given/");
  for (const secretArn of [name, arn]) {
    const { status, text, body } = await activate({ ...bearerBy(secretArn), clientId: "usher" });
    expect([status, text]).toEqual([201, expect.stringContaining('"clientId":"usher"')]);
    const path = `/integrations/${body.integrationId}/users/somebody-${++made}`;
    const user = { email: `somebody-${made}@example.com`, firstname: "Some", lastname: "Body" };
    expect(await usher.call("PUT", path, user)).toMatchObject({ status: 200, body: { state: "in_sync" } });
    const [event] = await eventsOf(`integrationId=${body.integrationId}&eventType=idm_integration_activate`);
    expect(JSON.stringify(event)).toContain(`Credentials were read from ${secretArn}`);
    expect([text, JSON.stringify(event)].join()).not.toContain(secret);
  }
});

test("the secret is read once: what becomes of the operator's own changes nothing until reauth names it again", async () => {
  const first = await givenSecret({ clientSecret: secret, baseUrl: server.baseUrl });
  const { body } = await activate(bearerBy(first));
  const path = `/integrations/${body.integrationId}`;
  const next = await givenSecret({ clientSecret: `${secret}-2`, baseUrl: server.baseUrl });
  wanted = ({ headers }) => headers.authorization === `Bearer ${secret}-2`;
  expect((await usher.call("POST", `${path}/test`)).body).toMatchObject({ ok: false });
  expect((await usher.call("POST", `${path}/reauth`, { credentials: bearerBy(next) })).status).toBe(200);
  expect((await usher.call("POST", `${path}/test`)).body).toMatchObject({ ok: true });
  const third = await givenSecret({ clientSecret: `${secret}-3`, baseUrl: server.baseUrl });
  wanted = ({ headers }) => headers.authorization === `Bearer ${secret}-3`;
  expect((await usher.call("PATCH", path, { credentials: bearerBy(third) })).status).toBe(200);
  expect((await usher.call("POST", `${path}/test`)).body).toMatchObject({ ok: true });
});

test("OAuth client credentials are given so too, where the secret names the token endpoint's origin as well", async () => {
  wanted = ({ headers }) => headers.authorization === `Bearer ${access}`;
  const oauth = (secretArn: string) => ({
    type: "oauth2_client_credentials",
    tokenUrl: tokenUrl(),
    clientId: "usher",
    secretArn,
  });
  const value = { clientSecret: secret, baseUrl: server.baseUrl };
  const refused = await activate(oauth(await givenSecret(value)));
  expect([refused.status, refused.text]).toEqual([
    400,
    expect.stringContaining("name the origin of tokenUrl"),
  ]);
  const elsewhere = { ...value, tokenUrl: "https://auth.example.com/token" };
  expect((await activate(oauth(await givenSecret(elsewhere)))).status).toBe(400);
  expect(server.requests).toEqual([]);
  expect((await activate(oauth(await givenSecret({ ...value, tokenUrl: tokenUrl() })))).status).toBe(201);
});

test("a secret that was put into the wrong field is repeated in no answer and no event", async () => {
  const answer = await activate({ type: "bearer", secretArn: secret });
  expect(answer.status).toBe(400);
  expect(answer.text).toContain("(name withheld)");
  expect(answer.text).not.toContain(secret);
  const events = await usher.call("GET", "/events?eventType=idm_integration_activate&success=false");
  expect(events.text).toContain("(name withheld)");
  expect(events.text).not.toContain(secret);
});

test.each<[string, () => Promise<string>, string]>([
  [
    "is of an integration",
    async () => `usher/integrations/${(await someIntegration()).slice(14)}`,
    "only secrets that were made there",
  ],
  ["is the deployment's own key", async () => "usher/idempotency-key", "only secrets that were made there"],
  [
    "only looks as if it were below the prefix",
    async () => "usher/integrations/usher/given/x",
    "only secrets that were made there",
  ],
  ["does not exist", async () => "usher/given/nothing", "is not there"],
  ["is no JSON", () => givenSecret(secret), 'must hold {"clientSecret": "…", "baseUrl": "https://…"}'],
  ["names no origin", () => givenSecret({ clientSecret: secret }), "must hold"],
  [
    "is for another origin",
    () => givenSecret({ clientSecret: secret, baseUrl: "https://scim.example.com/v2" }),
    "was made for another origin",
  ],
  [
    "is for another port of the same host",
    () => givenSecret({ clientSecret: secret, baseUrl: "http://127.0.0.1:9/scim/v2" }),
    "was made for another origin",
  ],
  [
    "ends in a line break",
    () => givenSecret({ clientSecret: `${secret}\n`, baseUrl: server.baseUrl }),
    "look for blanks and line ends",
  ],
])("a secret that %s is refused with what to do, and nothing is sent or kept", async (_, make, reason) => {
  const path = await someIntegration();
  const before = (await usher.call("GET", path)).body;
  const name = await make();
  server.requests.length = 0;
  const answers = [
    await activate(bearerBy(name)),
    await usher.call("PATCH", path, { credentials: bearerBy(name) }),
    await usher.call("POST", `${path}/reauth`, { credentials: bearerBy(name) }),
  ];
  for (const { status, text, body } of answers) {
    expect([status, body.code, body.errors[0]?.path]).toEqual([
      400,
      "invalid-input",
      "credentials.secretArn",
    ]);
    expect(body.detail).toContain(reason);
    expect(body.errors[0]?.message).toContain(reason);
    // Somebody tried: that is on record, without a word of the secret.
    const event = await usher.call("GET", `/events/${body.eventId}`);
    expect(event.body).toMatchObject({ success: false });
    expect(text + event.text).not.toContain(secret);
  }
  expect(server.requests).toEqual([]);
  expect((await usher.call("GET", path)).body).toEqual(before);
  expect((await usher.call("GET", "/integrations")).text).not.toContain(name);
});

const someIntegration = async (): Promise<string> => {
  const { body } = await activate({ type: "bearer", clientSecret: secret });
  return `/integrations/${body.integrationId}`;
};

test("another origin in a PATCH takes a secret that was made for that one, not for the old one", async () => {
  const path = await someIntegration();
  const other = await startServer(provider.handler);
  const forOld = await givenSecret({ clientSecret: secret, baseUrl: server.baseUrl });
  const moved = (name: string) =>
    usher.call("PATCH", path, { baseUrl: other.baseUrl, credentials: bearerBy(name) });
  expect((await moved(forOld)).body).toMatchObject({ code: "invalid-input" });
  expect(other.requests).toEqual([]);
  const forNew = await givenSecret({ clientSecret: secret, baseUrl: other.baseUrl });
  expect(await moved(forNew)).toMatchObject({ status: 200, body: { baseUrl: other.baseUrl } });
});

test.each([
  ["both", { type: "bearer", clientSecret: "x", secretArn: "usher/given/x" }],
  ["neither", { type: "bearer" }],
])("credentials with %s of clientSecret and secretArn are refused", async (_, credentials) => {
  const { status, body } = await activate(credentials);
  expect([status, body.errors]).toEqual([
    400,
    [{ path: "credentials.clientSecret", message: "give either clientSecret or secretArn" }],
  ]);
});
