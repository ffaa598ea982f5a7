import { expect, test } from "vitest";
import { call } from "../../providers/call.ts";
import type { TestProvider } from "../../providers/provider.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  activation,
  eventTypesOf,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  passTime,
  replicationMs,
  requestLines,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const alone = { allowSharedTarget: undefined };
const labelled = { ...alone, application: { name: "strongDM", displayLabel: "Prod" } };
const given = async (fields: object = labelled) => {
  const provider = await givenProvider(startStrongDm);
  return { provider, ...(await givenIntegration(usher, provider, fields)) };
};
const activate = (provider: TestProvider, fields: object = {}) =>
  usher.call("POST", "/integrations", activation(provider, { ...alone, ...fields }));
const bearer = (clientSecret: string) => ({ type: "bearer", clientSecret });

test("the same base URL and secret are refused, with the other integration and both ways out, and nothing is kept", async () => {
  const { provider, integrationId } = await given();
  const spelled = `${provider.baseUrl}//`;
  const { status, body } = await activate(provider, { baseUrl: spelled });
  expect([status, body.code]).toEqual([409, "target-in-use"]);
  expect(body.detail).toContain(`integration ${integrationId} (Prod)`);
  expect(body.detail).toMatch(/delete that integration.+allowSharedTarget: true/);
  expect(provider.requests).toEqual([]);
  const event = (await usher.call("GET", `/events/${body.eventId}`)).body;
  expect(event).toMatchObject({ event_type: "idm_integration_activate", success: false });
  expect(JSON.stringify(event)).not.toContain(provider.token);
  const { items } = (await usher.call("GET", "/integrations?limit=500")).body;
  expect(items.filter(({ baseUrl }) => baseUrl === provider.baseUrl)).toHaveLength(1);
});

test("allowSharedTarget lets both be there, is shown, and keeps the first one free to change its secret", async () => {
  const { provider, path } = await given();
  const second = await activate(provider, { allowSharedTarget: true });
  expect([second.status, second.body.allowSharedTarget]).toEqual([201, true]);
  const credentials = bearer(provider.token);
  expect((await usher.call("POST", `${path}/reauth`, { credentials })).status).toBe(200);
  const at = `/integrations/${second.body.integrationId}`;
  expect((await usher.call("POST", `${at}/reauth`, { credentials })).status).toBe(200);
  expect((await activate(provider)).body.code).toBe("target-in-use");
});

test("another secret of the tenant is refused where it reads a linked account, which is all that is asked for", async () => {
  const integration = await given();
  const { provider, integrationId } = integration;
  const { remoteId } = await givenProvisioned(usher, provider, integration);
  passTime(replicationMs);
  provider.setToken("another-token");
  const { status, body } = await activate(provider, { credentials: bearer("another-token") });
  expect([status, body.code]).toEqual([409, "target-in-use"]);
  expect(body.detail).toContain(integrationId);
  expect(requestLines(provider).filter((line) => line.startsWith("GET /Users/"))).toEqual([
    `GET /Users/${remoteId}`,
  ]);
});

test("another tenant of the same base URL is welcome", async () => {
  const { provider, ...integration } = await given();
  await givenProvisioned(usher, provider, integration);
  await givenProvisioned(usher, provider, integration);
  passTime(replicationMs);
  // The next secret opens an empty tenant.
  for (const { id } of await provider.users()) await call(provider, "DELETE", `/Users/${id}`);
  provider.setToken("another-tenant");
  expect((await activate(provider, { credentials: bearer("another-tenant") })).status).toBe(201);
});

test("of two activations at once one gets the tenant", async () => {
  const provider = await givenProvider(startStrongDm);
  const answers = await Promise.all(Array.from({ length: 4 }, () => activate(provider)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  const refused = answers.filter(({ status }) => status === 409);
  expect(new Set(refused.map(({ body }) => body.code))).toEqual(new Set(["target-in-use"]));
});

test("a failed activation frees the tenant", async () => {
  const provider = await givenProvider(startStrongDm);
  const { token } = provider;
  provider.setToken("not yet");
  const credentials = bearer(token);
  expect((await activate(provider, { credentials })).body.code).toBe("activation-test-failed");
  provider.setToken(token);
  expect((await activate(provider, { credentials })).status).toBe(201);
});

test("a deleted integration frees the tenant, and so does one that has another secret now", async () => {
  const { provider, path } = await given();
  expect((await usher.call("DELETE", path)).status).toBe(204);
  const { status, body } = await activate(provider);
  expect(status).toBe(201);
  const first = provider.token;
  provider.setToken("second-token");
  const at = `/integrations/${body.integrationId}`;
  expect((await usher.call("PATCH", at, { credentials: bearer("second-token") })).status).toBe(200);
  provider.setToken(first);
  expect((await activate(provider, { credentials: bearer(first) })).status).toBe(201);
});

test("an update and a reauth to the tenant of another are refused, and the old one stays", async () => {
  const first = await given();
  const other = await given(alone);
  const { token, baseUrl } = first.provider;
  const moved = { baseUrl, credentials: bearer(token) };
  const answer = await usher.call("PATCH", other.path, moved);
  expect([answer.status, answer.body.code]).toEqual([409, "target-in-use"]);
  expect((await usher.call("GET", other.path)).body).toMatchObject({ baseUrl: other.provider.baseUrl });
  const types = await eventTypesOf(usher, `integrationId=${other.integrationId}`);
  expect(types).toEqual(["idm_integration_activate", "!idm_integration_update"]);

  const shared = await usher.call("PATCH", other.path, { ...moved, allowSharedTarget: true });
  expect([shared.status, shared.body.baseUrl]).toEqual([200, baseUrl]);
  const apart = { baseUrl: other.provider.baseUrl, credentials: bearer(other.provider.token) };
  expect((await usher.call("PATCH", other.path, { ...apart, allowSharedTarget: false })).status).toBe(200);

  first.provider.setToken("third");
  const third = { baseUrl, credentials: bearer("third") };
  expect((await usher.call("PATCH", other.path, third)).status).toBe(200);
  first.provider.setToken(token);
  forget(first.provider);
  const reauth = await usher.call("POST", `${other.path}/reauth`, { credentials: bearer(token) });
  expect([reauth.status, reauth.body.code]).toEqual([409, "target-in-use"]);
  expect(first.provider.requests).toEqual([]);
});
