import { expect, test } from "vitest";
import { startScimmy } from "../../providers/scimmy.ts";
import { until } from "../../support/quick-time.ts";
import {
  activation,
  aPerson,
  eventsOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  newId,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async (fields: object = {}) => {
  const provider = await givenProvider(startScimmy);
  return { provider, integration: await givenIntegration(usher, provider, fields) };
};
const statusOf = async (path: string) => (await usher.call("GET", path)).body.status;

test("while an integration is paused all is saved and nothing is sent, and it goes on once resumed", async () => {
  const { provider, integration } = await given();
  const { path, integrationId } = integration;
  const leaver = await givenProvisioned(usher, provider, integration);
  const closed = await givenProvisioned(usher, provider, integration);
  const group = await givenGroup(usher, provider, integration, [leaver.userId, closed.userId]);
  const joiner = aPerson();
  expect(expectOk(await usher.call("POST", `${path}/pause`)).body).toMatchObject({ status: "paused" });
  forget(provider);

  const created = await usher.call("PUT", `${path}/users/${joiner.userId}`, joiner.user);
  expect(created).toMatchObject({ status: 202, body: { state: "pending", eventIds: [] } });
  expect(created.body.reason).toContain("paused");
  expect(Number(created.headers.get("retry-after"))).toBeGreaterThan(0);
  for (const [method, at, body] of [
    ["POST", `${group.path}/members`, { add: [joiner.userId], remove: [closed.userId] }],
    ["PUT", `${path}/groups/${newId("group")}`, { name: "Waiting", members: [joiner.userId] }],
    ["DELETE", closed.path, undefined],
    ["DELETE", `/users/${leaver.userId}`, undefined],
  ] as const)
    expect([at, (await usher.call(method, at, body)).status]).toEqual([at, 202]);
  expect(provider.requests).toEqual([]);

  expect(expectOk(await usher.call("POST", `${path}/resume`)).body).toMatchObject({ status: "active" });
  // Resuming wakes the worker: nobody waits for the sweep of the next minute.
  await until(async () => (await provider.groups()).some(({ displayName }) => displayName === "Waiting"));
  await until(async () => (await provider.groups()).every(({ members }) => members.length === 1));
  const accounts = await provider.users();
  expect(accounts.find(({ userName }) => userName === joiner.user.email)).toMatchObject({ active: true });
  expect(accounts.find(({ userName }) => userName === closed.user.email)).toMatchObject({ active: false });
  expect(accounts.find(({ userName }) => userName === leaver.user.email)).toBeUndefined();
  const events = await eventsOf(usher, `integrationId=${integrationId}&eventType=idm_integration_update`);
  expect(events.map(({ changes }) => changes)).toEqual([
    [{ field: "paused", from: false, to: true }],
    [{ field: "paused", from: true, to: false }],
  ]);
});

test("an integration that is activated as paused is tested and sends nothing, until it is resumed", async () => {
  const provider = await givenProvider(startScimmy);
  const { status, body } = await usher.call("POST", "/integrations", activation(provider, { paused: true }));
  expect([status, body.status]).toEqual([201, "paused"]);
  const path = `/integrations/${body.integrationId}`;
  const { items } = (await usher.call("GET", "/integrations?status=paused")).body;
  expect(items.map(({ integrationId }) => integrationId)).toContain(body.integrationId);
  forget(provider);
  const { userId, user } = aPerson();
  expect((await usher.call("PUT", `${path}/users/${userId}`, user)).status).toBe(202);
  expect(provider.requests).toEqual([]);
  await usher.call("POST", `${path}/resume`);
  await until(async () => (await usher.call("GET", `${path}/users/${userId}`)).body.state === "in_sync");
});

test("a pause keeps what was underneath: new credentials while paused, and the integration stays paused", async () => {
  const { provider, integration } = await given();
  const { path } = integration;
  const known = await givenProvisioned(usher, provider, integration);
  provider.setToken("second-token");
  await usher.call("PUT", known.path, { ...known.user, jobTitle: "Engineer" });
  expect(await statusOf(path)).toBe("needs_reauth");
  await usher.call("POST", `${path}/pause`);
  expect(await statusOf(path)).toBe("paused");
  await usher.call("POST", `${path}/resume`);
  expect(await statusOf(path)).toBe("needs_reauth");
  await usher.call("POST", `${path}/pause`);
  const credentials = { type: "bearer", clientSecret: "second-token" };
  expect(expectOk(await usher.call("POST", `${path}/reauth`, { credentials })).body.status).toBe("paused");
  expect((await usher.call("POST", `${path}/resume`)).body.status).toBe("active");
});

test("a deleted integration is neither paused nor resumed", async () => {
  const { integration } = await given();
  expect((await usher.call("DELETE", integration.path)).status).toBe(204);
  for (const act of ["pause", "resume"])
    expect(await usher.call("POST", `${integration.path}/${act}`)).toMatchObject({
      status: 409,
      body: { code: "integration-not-active" },
    });
});
