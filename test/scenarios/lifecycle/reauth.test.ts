import { expect, test } from "vitest";
import { call } from "../../providers/call.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  eventsOf,
  eventTypesOf,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  newId,
  passTime,
  replicationMs,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async () => {
  const provider = await givenProvider(startStrongDm);
  return { provider, ...(await givenIntegration(usher, provider)) };
};
const bearer = (clientSecret: string) => ({ credentials: { type: "bearer", clientSecret } });
const statusOf = async (path: string) => (await usher.call("GET", path)).body.status;

test("a provisioning call that meets a 401 is told so, and calls after it are saved until reauth", async () => {
  const integration = await given();
  const { provider, path } = integration;
  const known = await givenProvisioned(usher, provider, integration);
  provider.setToken("second-token");

  const met = await usher.call("PUT", known.path, { ...known.user, jobTitle: "Engineer" });
  expect(met.status).toBe(502);
  expect(met.body).toMatchObject({ code: "provider-rejected", detail: expect.stringContaining("401") });
  const event = (await usher.call("GET", `/events/${met.body.eventId}`)).body;
  expect(event).toMatchObject({
    event_type: "user_update_provision",
    success: false,
    message_chain: { response_code: 401 },
  });
  expect(await statusOf(path)).toBe("needs_reauth");

  forget(provider);
  const events = await eventsOf(usher, `integrationId=${integration.integrationId}`);
  const group = `${path}/groups/${newId("group")}`;
  for (const [method, at, body] of [
    ["PUT", known.path, undefined],
    ["PUT", group, { name: "G", members: [known.userId] }],
    ["DELETE", known.path, undefined],
  ] as const) {
    const { status, body: receipt, headers } = await usher.call(method, at, body);
    expect([method, at, status, receipt.eventIds]).toEqual([method, at, 202, []]);
    expect(["pending", "retrying"]).toContain(receipt.state);
    expect(receipt.reason).toContain("reauth");
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
  expect(provider.requests).toEqual([]);
  expect(await eventsOf(usher, `integrationId=${integration.integrationId}`)).toEqual(events);
});

test("reauth with the right secret clears needs_reauth, and the work goes on", async () => {
  const integration = await given();
  const { provider, path } = integration;
  const known = await givenProvisioned(usher, provider, integration);
  provider.setToken("second-token");
  await usher.call("PUT", known.path, { ...known.user, jobTitle: "Engineer" });

  forget(provider);
  const answer = await usher.call("POST", `${path}/reauth`, bearer("second-token"));
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ status: "active", integrationId: integration.integrationId });
  expect(answer.headers.get("etag")).toBe((await usher.call("GET", path)).headers.get("etag"));
  // The test of the target, then one linked account.
  expect(requestLines(provider)).toContain(`GET /Users/${known.remoteId}`);
  const events = await eventsOf(usher, `integrationId=${integration.integrationId}`);
  expect(events.filter(({ event_type: type }) => type === "idm_integration_reauth")).toMatchObject([
    { success: true, changes: [{ field: "token" }] },
  ]);

  // It wakes the worker: nobody waits for the sweep of the next minute.
  await until(async () => (await usher.call("GET", known.path)).body.state === "in_sync");
  expect((await provider.users())[0]?.resource).toMatchObject({ title: "Engineer" });
});

test("a wrong secret is refused and the old one stays in use", async () => {
  const integration = await given();
  const { provider, path } = integration;
  const before = (await usher.call("GET", path)).body;
  const answer = await usher.call("POST", `${path}/reauth`, bearer("not-the-token"));
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: "reauth-test-failed", eventId: expect.any(String) });
  expect((await usher.call("GET", path)).body).toEqual(before);
  expect((await givenProvisioned(usher, provider, integration)).remoteId).toEqual(expect.any(String));
  expect(await eventTypesOf(usher, `integrationId=${integration.integrationId}`)).toEqual([
    "idm_integration_activate",
    "!idm_integration_reauth",
    "user_create_provision",
  ]);
});

test("a wrong secret does not clear needs_reauth", async () => {
  const integration = await given();
  const { provider, path } = integration;
  provider.setToken("second-token");
  const { userId, user } = aPerson();
  expect((await usher.call("PUT", `${path}/users/${userId}`, user)).status).toBe(502);
  expect((await usher.call("POST", `${path}/reauth`, bearer("third-token"))).status).toBe(422);
  expect(await statusOf(path)).toBe("needs_reauth");
});

test("a secret that opens another tenant is refused: at most three linked accounts are read", async () => {
  const integration = await given();
  const { provider, path } = integration;
  const known: string[] = [];
  for (let at = 0; at < 5; at += 1)
    known.push((await givenProvisioned(usher, provider, integration)).remoteId);
  // The other tenant answers at the same address, and knows none of the accounts.
  provider.intercept = ({ path: at }) =>
    known.some((remoteId) => at === `/Users/${remoteId}`) ? { status: 404, body: "" } : undefined;
  const answer = await usher.call("POST", `${path}/reauth`, bearer(provider.token));
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: "different-tenant", eventId: expect.any(String) });
  expect(requestLines(provider).filter((line) => line.startsWith("GET /Users/"))).toHaveLength(3);

  provider.intercept = undefined;
  expect(await statusOf(path)).toBe("active");
  expect((await givenProvisioned(usher, provider, integration)).remoteId).toEqual(expect.any(String));
});

test("one linked account that is found is enough", async () => {
  const integration = await given();
  const { provider, path } = integration;
  const first = await givenProvisioned(usher, provider, integration);
  await givenProvisioned(usher, provider, integration);
  provider.intercept = ({ path: at }) => (at === `/Users/${first.remoteId}` ? { status: 404 } : undefined);
  const answer = await usher.call("POST", `${path}/reauth`, bearer(provider.token));
  expect(answer.status).toBe(200);
});

test("a linked account whose deletion has an unknown outcome proves no other tenant", async () => {
  const integration = await given();
  const { provider, path } = integration;
  const known = await givenProvisioned(usher, provider, integration);
  passTime(replicationMs);
  provider.intercept = () => scimError(500, "Out of order.");
  expect((await usher.call("DELETE", `${known.path}?action=delete`)).status).toBe(202);
  provider.intercept = undefined;
  await call(provider, "DELETE", `/Users/${known.remoteId}`);
  expect((await usher.call("POST", `${path}/reauth`, bearer(provider.token))).status).toBe(200);
});

test("a 401 that belongs to a secret already replaced does not stop the integration", async () => {
  const integration = await given();
  const { provider, path } = integration;
  const known = await givenProvisioned(usher, provider, integration);
  const arrived = Promise.withResolvers<void>();
  let held = false;
  provider.intercept = ({ method }) => {
    if (method !== "PATCH" || held) return undefined;
    held = true;
    arrived.resolve();
    // The request, sent with the old token, reaches the provider once the new one is in use there.
    return { delayMs: 1_500 };
  };
  const slow = usher.call("PUT", known.path, { ...known.user, jobTitle: "Engineer" });
  await arrived.promise;
  provider.setToken("second-token");
  expect((await usher.call("POST", `${path}/reauth`, bearer("second-token"))).status).toBe(200);
  expect((await slow).status).toBe(502);
  expect(provider.requests.some(({ status }) => status === 401)).toBe(true);
  expect(await statusOf(path)).toBe("active");
  expect((await usher.call("PUT", known.path)).body).toMatchObject({ action: "updated", state: "in_sync" });
});

test("reauth of an unknown integration is 404, of a deleted one 409", async () => {
  const { path } = await given();
  await usher.call("DELETE", path);
  const deleted = await usher.call("POST", `${path}/reauth`, bearer("x"));
  expect([deleted.status, deleted.body.code]).toEqual([409, "integration-not-active"]);
  expect((await usher.call("POST", "/integrations/unknown/reauth", bearer("x"))).status).toBe(404);
});
