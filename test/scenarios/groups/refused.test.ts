import { expect, test } from "vitest";
import { call, GROUP } from "../../providers/call.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  eventTypesOf,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  passTime,
  replicationMs,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

test("who leaves a group loses access although its new name is taken at the provider", async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const [stays = "", leaves = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [stays, leaves]);
  await call(provider, "POST", "/Groups", { schemas: [GROUP], displayName: "Taken", members: [] });

  const refused = await usher.call("PUT", group.path, { name: "Taken", members: [stays] });
  expect(refused).toMatchObject({ status: 502, body: { code: "provider-rejected" } });
  const left = (await usher.call("GET", `${integration.path}/users/${leaves}`)).body;
  expect(left).toMatchObject({ state: "deprovisioned", active: false });
  const there = (await provider.groups()).find(({ id }) => id === group.remoteId);
  expect(there?.members).toHaveLength(1);
  expect((await provider.users()).find(({ id }) => id === left.remoteId)?.active).toBe(false);
  const events = await eventTypesOf(usher, `integrationId=${integration.integrationId}`);
  expect(events.slice(-2)).toEqual(["!group_update_provision", "user_deprovision"]);
});

test("who leaves a group loses access although the provider refuses every change of the group", async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const [stays = "", leaves = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [stays, leaves]);
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Groups") ? scimError(403, "This group is locked.") : undefined;
  const refused = await usher.call("POST", `${group.path}/members`, { remove: [leaves] });
  expect(refused).toMatchObject({ status: 502, body: { code: "provider-rejected" } });
  const left = (await usher.call("GET", `${integration.path}/users/${leaves}`)).body;
  expect(left).toMatchObject({ state: "deprovisioned", active: false });
  // It goes out of the group, too, once that can be changed.
  provider.intercept = undefined;
  expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
    state: "in_sync",
    members: { removed: 1 },
  });
});

test("who was let go although the group could not be changed, and joins again, has access again", async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const [stays = "", leaves = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [stays, leaves]);
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Groups") ? scimError(403, "This group is locked.") : undefined;
  expect((await usher.call("POST", `${group.path}/members`, { remove: [leaves] })).status).toBe(502);
  provider.intercept = undefined;

  const again = await usher.call("POST", `${group.path}/members`, { add: [leaves] });
  expect(again.body).toMatchObject({ state: "in_sync", members: { pending: [] } });
  expect((await usher.call("GET", `${integration.path}/users/${leaves}`)).body).toMatchObject({
    state: "in_sync",
    active: true,
    assigned: { groups: [group.groupId] },
  });
  expect((await provider.groups())[0]?.members).toHaveLength(2);
  expect((await provider.users()).every(({ active }) => active)).toBe(true);
});

test.each([
  ["the creation of a group", "POST", "/Groups"],
  ["a change of its members", "PATCH", "/Groups/"],
])("a 401 to the read behind %s whose outcome is unknown stops the integration", async (_, method, path) => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const [first = "", second = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [first]);
  let isSent = false;
  provider.intercept = (request) => {
    if (!request.path.startsWith("/Groups")) return undefined;
    if (request.method === "GET") return isSent ? { status: 401 } : undefined;
    isSent = request.method === method && request.path.startsWith(path);
    return isSent ? scimError(503, "Busy.") : undefined;
  };
  const answer =
    method === "POST"
      ? await usher.call("PUT", `${integration.path}/groups/other`, { name: "Other", members: [first] })
      : await usher.call("POST", `${group.path}/members`, { add: [second] });
  expect([answer.status, answer.body.code]).toEqual([502, "provider-rejected"]);
  expect((await usher.call("GET", integration.path)).body.status).toBe("needs_reauth");
});

test("a leaver whose account cannot be deleted is out of the groups all the same", async () => {
  const provider = await givenProvider(() => startQuirky({ switches: { deleteRefused: true } }));
  const integration = await givenIntegration(usher, provider);
  const [stays = "", leaves = ""] = await givenSaved(usher, 2);
  await givenGroup(usher, provider, integration, [stays, leaves]);
  const { body } = await usher.call("DELETE", `/users/${leaves}`);
  expect(body.receipts).toMatchObject([
    { state: "failed", reason: expect.stringContaining("open incidents") },
  ]);
  expect((await provider.groups())[0]?.members).toHaveLength(1);
});

test("a group counts as deleted once its provider was asked, and not where a proxy answers 404 to everything", async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const group = await givenGroup(usher, provider, integration, await givenSaved(usher, 1));
  passTime(replicationMs);
  provider.intercept = () => ({ status: 404, headers: { "content-type": "text/html" }, body: "<h1>No</h1>" });
  const refused = await usher.call("DELETE", `${group.path}?action=delete`);
  expect([refused.status, refused.body.code]).toEqual([502, "provider-rejected"]);
  provider.intercept = undefined;
  expect((await usher.call("DELETE", `${group.path}?action=delete`)).body).toMatchObject({
    state: "deleted",
  });
  expect(await provider.groups()).toEqual([]);
});

test("a 401 that the look behind a refused change of a group meets stops the integration", async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const [stays = "", leaves = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [stays, leaves]);
  provider.intercept = ({ method }) => scimError(method === "PATCH" ? 404 : 401, "No.");
  const answer = await usher.call("POST", `${group.path}/members`, { remove: [leaves] });
  expect([answer.status, answer.body.code]).toEqual([502, "provider-rejected"]);
  expect((await usher.call("GET", integration.path)).body.status).toBe("needs_reauth");
});
