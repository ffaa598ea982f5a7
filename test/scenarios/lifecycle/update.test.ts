import { expect, test } from "vitest";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  eventsOf,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  patchedPaths,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async (fields: object = {}) => {
  const provider = await givenProvider(startStrongDm);
  return { provider, ...(await givenIntegration(usher, provider, fields)) };
};
const eventOf = async (eventId: unknown) => (await usher.call("GET", `/events/${eventId}`)).body;

test("a new label and bookmark are saved without a request to the provider", async () => {
  const { provider, path, integrationId } = await given({
    application: { name: "App", displayLabel: "old", ssoIdpUrl: "https://sso.example.com/app" },
  });
  const application = { displayLabel: "new", bookmarkUrl: "https://app.example.com/login" };
  const answer = await usher.call("PATCH", path, { application });
  expect(answer.status).toBe(200);
  expect(answer.body.application).toEqual({
    name: "App",
    ssoIdpUrl: "https://sso.example.com/app",
    ...application,
  });
  expect(answer.headers.get("etag")).toBe((await usher.call("GET", path)).headers.get("etag"));
  expect((await usher.call("GET", path)).body).toMatchObject(answer.body);
  expect(provider.requests).toEqual([]);

  const [, event] = await eventsOf(usher, `integrationId=${integrationId}`);
  expect(event).toMatchObject({
    event_type: "idm_integration_update",
    success: true,
    changes: [
      { field: "application.displayLabel", from: "old", to: "new" },
      { field: "application.bookmarkUrl", to: "https://app.example.com/login" },
    ],
  });
});

test.each([
  ["profile", { profile: "generic" }],
  ["application.ssoIdpUrl", { application: { ssoIdpUrl: "https://other.example.com" } }],
])("a change of %s is refused and on record", async (field, patch) => {
  const { provider, path } = await given({
    application: { name: "App", ssoIdpUrl: "https://sso.example.com/app" },
  });
  const before = (await usher.call("GET", path)).body;
  const answer = await usher.call("PATCH", path, { ...patch, policies: { onUserDeleted: "deprovision" } });
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({ code: "immutable-field", detail: expect.stringContaining(field) });
  expect(await eventOf(answer.body.eventId)).toMatchObject({
    event_type: "idm_integration_update",
    success: false,
  });
  expect((await usher.call("GET", path)).body).toEqual(before);
  expect(provider.requests).toEqual([]);
});

test("the application's name cannot be changed", async () => {
  const { path } = await given();
  const answer = await usher.call("PATCH", path, { application: { name: "other" } });
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ code: "invalid-input", errors: [{ path: "application.name" }] });
});

test("the stored secret is never sent to another origin: credentials are asked for, and it is on record", async () => {
  const { provider, path } = await given();
  const elsewhere = await givenProvider(startStrongDm);
  const answer = await usher.call("PATCH", path, { baseUrl: elsewhere.baseUrl });
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({ code: "credentials-required" });
  expect(await eventOf(answer.body.eventId)).toMatchObject({
    event_type: "idm_integration_update",
    success: false,
    changes: [{ field: "baseUrl", from: provider.baseUrl, to: elsewhere.baseUrl }],
  });
  expect(elsewhere.requests).toEqual([]);
  expect((await usher.call("GET", path)).body.baseUrl).toBe(provider.baseUrl);
});

test("after a move to another origin, remote ids are verified before they are used", async () => {
  const integration = await given();
  const { path, provider } = integration;
  const known = await givenProvisioned(usher, provider, integration);
  const elsewhere = await givenProvider(startStrongDm);
  const credentials = { type: "bearer", clientSecret: elsewhere.token };
  const moved = await usher.call("PATCH", path, { baseUrl: elsewhere.baseUrl, credentials });
  expect(moved.status).toBe(200);
  expect(requestLines(elsewhere).filter((line) => line.endsWith("s"))).toEqual(["GET /Users", "GET /Groups"]);
  expect((await usher.call("GET", known.path)).body.state).toBe("pending");

  forget(elsewhere);
  forget(provider);
  const answer = await usher.call("PUT", known.path);
  expect(answer.body).toMatchObject({ action: "created", state: "in_sync" });
  expect(answer.body.remoteId).not.toBe(known.remoteId);
  expect(requestLines(elsewhere)).toEqual([`GET /Users/${known.remoteId}`, "GET /Users", "POST /Users"]);
  expect(provider.requests).toEqual([]);
});

test("another path of the same origin is tested with the stored secret", async () => {
  const { provider, path } = await given();
  const baseUrl = provider.baseUrl.replace("/generic/", "/nowhere/");
  const answer = await usher.call("PATCH", path, { baseUrl });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: "update-test-failed" });
  expect(provider.requests.map(({ headers }) => headers.authorization)).toContain("[redacted]");
});

test("a failed test of a change leaves all as it was, and the integration goes on working", async () => {
  const integration = await given();
  const { provider, path } = integration;
  const before = await usher.call("GET", path);
  const answer = await usher.call("PATCH", path, {
    application: { displayLabel: "new" },
    credentials: { type: "bearer", clientId: "new-id", clientSecret: "not-the-token" },
    policies: { onUserUnassigned: "delete" },
  });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: "update-test-failed" });
  expect(await eventOf(answer.body.eventId)).toMatchObject({
    event_type: "idm_integration_update",
    success: false,
    message_chain: { response_code: 401 },
    changes: expect.arrayContaining([{ field: "token" }]),
  });
  const after = await usher.call("GET", path);
  expect(after.body).toEqual(before.body);
  expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
  expect((await givenProvisioned(usher, provider, integration)).remoteId).toEqual(expect.any(String));
});

test("new credentials take over once they are tested", async () => {
  const integration = await given();
  const { provider, path } = integration;
  provider.setToken("second-token");
  const credentials = { type: "bearer", clientId: "second", clientSecret: "second-token" };
  const answer = await usher.call("PATCH", path, { credentials });
  expect(answer.status).toBe(200);
  expect(answer.body.credentials).toEqual({ type: "bearer", clientId: "second" });
  expect((await givenProvisioned(usher, provider, integration)).remoteId).toEqual(expect.any(String));
});

test("switching groups on or off is tested", async () => {
  const { provider, path } = await given();
  expect((await usher.call("PATCH", path, { groupsEnabled: false })).body).toMatchObject({
    groupsEnabled: false,
  });
  expect(requestLines(provider)).toContain("GET /Users");
  expect(requestLines(provider)).not.toContain("GET /Groups");
  forget(provider);
  expect((await usher.call("PATCH", path, { groupsEnabled: true })).body).toMatchObject({
    groupsEnabled: true,
  });
  expect(requestLines(provider)).toContain("GET /Groups");
});

test("new mappings send nothing by themselves; the next provisioning sends only what they change", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const user = await givenProvisioned(usher, provider, integration, { jobTitle: "Engineer" });
  const attributeMappings = [
    { target: "title", template: "{jobTitle} of {company}" },
    { target: "nickName", source: "firstname" },
  ];
  const answer = await usher.call("PATCH", integration.path, { attributeMappings });
  expect(answer.body.attributeMappings).toEqual(attributeMappings);
  expect(provider.requests).toEqual([]);
  expect((await usher.call("GET", user.path)).body).toMatchObject({ state: "in_sync", outdated: true });

  const updated = await usher.call("PUT", user.path, { ...user.user, company: "Acme" });
  expect(updated.body).toMatchObject({ action: "updated", state: "in_sync" });
  expect((await usher.call("GET", user.path)).body).not.toHaveProperty("outdated");
  const [patch] = writes(provider);
  expect(patchedPaths(patch!)).toContain("title");
  expect(patchedPaths(patch!)).not.toContain("displayName");
  expect((await provider.users())[0]?.resource).toMatchObject({ title: "Engineer of Acme", nickName: "Ada" });
});

test("one policy can be changed, the other one stays", async () => {
  const { path } = await given({ policies: { onUserUnassigned: "none", onUserDeleted: "deprovision" } });
  const answer = await usher.call("PATCH", path, { policies: { onUserUnassigned: "delete" } });
  expect(answer.body.policies).toMatchObject({
    onUserUnassigned: "delete",
    onUserDeleted: "deprovision",
    onGroupDeleted: "empty",
    deleteAfter: "0",
    unassignedGrace: "1m",
  });
});

test("an update of an unknown integration is 404 and leaves no event", async () => {
  const correlation = { "x-correlation-id": "update-of-nothing" };
  const path = "/integrations/018f0000-0000-7000-8000-000000000000";
  const patch = { policies: { onUserDeleted: "delete" } };
  const answer = await usher.call("PATCH", path, patch, correlation);
  expect(answer.status).toBe(404);
  expect(await eventsOf(usher, "correlationId=update-of-nothing")).toEqual([]);
});

test("credentials that open another tenant are refused, and the old ones stay", async () => {
  const integration = await given();
  const { provider, path } = integration;
  const known = await givenProvisioned(usher, provider, integration);
  const before = (await usher.call("GET", path)).body;
  provider.intercept = ({ path: at }) => (at === `/Users/${known.remoteId}` ? { status: 404 } : undefined);
  const credentials = { type: "bearer", clientSecret: provider.token };
  const answer = await usher.call("PATCH", path, { credentials });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: "different-tenant", eventId: expect.any(String) });
  expect(await eventOf(answer.body.eventId)).toMatchObject({
    event_type: "idm_integration_update",
    success: false,
  });
  expect((await usher.call("GET", path)).body).toEqual(before);

  provider.intercept = ({ path: at }) => (at === `/Users/${known.remoteId}` ? { status: 400 } : undefined);
  const unsure = await usher.call("PATCH", path, { credentials });
  expect([unsure.status, unsure.body.code]).toEqual([422, "update-test-failed"]);

  provider.intercept = undefined;
  expect((await usher.call("PATCH", path, { credentials })).status).toBe(200);
});

test("limits of the guard are changed one by one, and the event tells them all", async () => {
  const { path } = await given({ policies: { guard: { percent: 5 } } });
  expect((await usher.call("GET", path)).body).toMatchObject({
    policies: { guard: { users: 10, percent: 5, most: 50 } },
  });
  const answer = await usher.call("PATCH", path, { policies: { guard: { users: 3 } } });
  const guard = { users: 3, percent: 5, most: 50 };
  expect(answer).toMatchObject({ status: 200, body: { policies: { guard } } });
  expect((await usher.call("GET", path)).body).toMatchObject({ policies: { guard } });
  const events = (await usher.call("GET", `/events?integrationId=${path.split("/")[2]}`)).body.items;
  expect(events[0]?.changes).toEqual([{ field: "policies.guard", from: { ...guard, users: 10 }, to: guard }]);
});
