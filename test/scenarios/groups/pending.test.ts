import { expect, test } from "vitest";
import { call } from "../../providers/call.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  eventsOf,
  eventTypesOf,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  newId,
  passTime,
  replicationMs,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async (count: number, fields: object = {}) => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider, fields);
  return { provider, integration, members: await givenSaved(usher, count) };
};

const refusePatchOf =
  (remoteId: string) =>
  ({ method, path }: { method: string; path: string }) =>
    method === "PATCH" && path === `/Users/${remoteId}` ? scimError(400, "Not this one.") : undefined;

test("a group without a member that can be provisioned is not created, and leaves no event", async () => {
  const { provider, integration } = await given(0);
  const [suspended = ""] = await givenSaved(usher, 1, { suspended: true });
  for (const members of [[], [suspended]]) {
    const groupId = newId("group");
    const answer = await usher.call("PUT", `${integration.path}/groups/${groupId}`, {
      name: groupId,
      members,
    });
    expect(answer.status).toBe(200);
    const { reason } = answer.body;
    expect(answer.body).toMatchObject({ action: "skipped", state: "skipped", eventIds: [] });
    expect(reason).toContain("no member");
    const status = (await usher.call("GET", `${integration.path}/groups/${groupId}`)).body;
    expect(status).toMatchObject({ state: "skipped", reason });
    expect(await eventTypesOf(usher, `groupId=${groupId}`)).toEqual([]);
  }
  expect(provider.requests).toEqual([]);
});

test("a group that becomes empty stays", async () => {
  const { provider, integration, members } = await given(1);
  const group = await givenGroup(usher, provider, integration, members);
  await usher.call("PUT", group.path, { name: group.name, members: [] });
  expect(await provider.groups()).toMatchObject([{ id: group.remoteId, members: [] }]);
});

test("a suspended member waits, and is pushed once reactivated", async () => {
  const { provider, integration, members } = await given(1);
  const late = aPerson({ suspended: true });
  await usher.call("PUT", `/users/${late.userId}`, late.user);
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  const answer = await usher.call("PUT", path, { name: groupId, members: [...members, late.userId] });
  expect(answer.body).toMatchObject({ action: "created", members: { added: 1, pending: [late.userId] } });
  const stateOf = async (userId: string) =>
    (await usher.call("GET", `${path}/members`)).body.items.find((item) => item.userId === userId)?.state;
  expect(await stateOf(late.userId)).toBe("pending");

  const back = await usher.call("PUT", `${integration.path}/users/${late.userId}`, {
    ...late.user,
    suspended: false,
  });
  expect(back.body).toMatchObject({ action: "created" });
  expect(await stateOf(late.userId)).toBe("pushed");
  expect((await provider.groups())[0]?.members).toHaveLength(2);
  expect(back.body.eventIds).toHaveLength(2);
  const [, joined] = await eventsOf(usher, `groupId=${groupId}`);
  expect(joined).toMatchObject({ event_type: "group_update_provision", members_added: [late.userId] });
});

test("a member whom the provider refuses stays pending, keeps nobody else out, and is pushed by the next call", async () => {
  const { provider, integration, members } = await given(3);
  const [refused = ""] = members;
  const { email } = (await usher.call("GET", `/users/${refused}`)).body;
  provider.intercept = ({ method, body }) =>
    method === "POST" && JSON.stringify(body).includes(`"${email}"`)
      ? scimError(400, "Not this one.")
      : undefined;
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  const answer = await usher.call("PUT", path, { name: groupId, members });
  expect(answer.status).toBe(202);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(answer.body).toMatchObject({
    state: "pending",
    members: {
      added: 2,
      pending: [refused],
      pendingTotal: 1,
      failed: [
        { userId: refused, code: "provider-rejected", detail: expect.stringContaining("Not this one.") },
      ],
      failedTotal: 1,
    },
  });
  expect(answer.body.reason).toContain(`${refused} (provider-rejected)`);
  expect(await eventTypesOf(usher, `userId=${refused}`)).toEqual(["!user_create_provision"]);

  provider.intercept = undefined;
  const again = await usher.call("PUT", path, { name: groupId });
  expect(again.body).toMatchObject({ state: "in_sync", members: { added: 1, pending: [] } });
  expect((await provider.groups())[0]?.members).toHaveLength(3);
});

test("a member whose account could not be changed is pushed all the same, and the receipt says so", async () => {
  const { provider, integration, members } = await given(1);
  const known = await givenProvisioned(usher, provider, integration);
  provider.intercept = refusePatchOf(known.remoteId);
  await usher.call("PUT", `/users/${known.userId}`, { ...known.user, jobTitle: "Refused" });
  await until(async () => (await usher.call("GET", known.path)).body.state === "failed");
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  const answer = await usher.call("PUT", path, { name: groupId, members: [...members, known.userId] });
  expect([answer.status, answer.body]).toMatchObject([
    200,
    { action: "created", state: "in_sync", members: { added: 2, pending: [] } },
  ]);
  expect(answer.body.reason).toContain("could not be updated");
  expect((await provider.groups())[0]?.members).toContain(known.remoteId);
  expect((await usher.call("GET", known.path)).body).toMatchObject({ state: "failed", active: true });
  expect(await eventTypesOf(usher, `userId=${known.userId}`)).toEqual([
    "user_create_provision",
    // By itself, and by the call.
    "!user_update_provision",
    "!user_update_provision",
    "group_create_provision",
  ]);
});

test("all events of a member who fails in the second attempt are named", async () => {
  const { provider, integration, members } = await given(1);
  const known = await givenProvisioned(usher, provider, integration);
  await call(provider, "DELETE", `/Users/${known.remoteId}`);
  passTime(replicationMs);
  provider.intercept = () => scimError(503, "Busy.");
  await usher.call("PUT", `/users/${known.userId}`, { ...known.user, jobTitle: "Engineer" });
  await until(async () => (await usher.call("GET", known.path)).body.lastError !== undefined);
  const before = (await eventsOf(usher, `userId=${known.userId}`)).length;
  provider.intercept = ({ method, body }) =>
    method === "POST" && JSON.stringify(body).includes(known.user.email)
      ? scimError(400, "Not this one.")
      : undefined;
  const path = `${integration.path}/groups/${newId("group")}`;
  const answer = await usher.call("PUT", path, { name: "G", members: [...members, known.userId] });
  const events = (await eventsOf(usher, `userId=${known.userId}`)).slice(before);
  expect(events.map(({ event_type }) => event_type)).toEqual([
    "user_update_provision",
    "user_create_provision",
  ]);
  expect(answer.body.eventIds).toEqual(expect.arrayContaining(events.map(({ id }) => id)));
});

test("one who leaves a group, is assigned directly and cannot be changed is no matter of the group", async () => {
  const { provider, integration, members } = await given(1);
  const known = await givenProvisioned(usher, provider, integration);
  const group = await givenGroup(usher, provider, integration, [...members, known.userId]);
  await usher.call("PUT", `/users/${known.userId}`, { ...known.user, jobTitle: "Refused" });
  provider.intercept = refusePatchOf(known.remoteId);
  const answer = await usher.call("PUT", group.path, { name: group.name, members });
  expect([answer.status, answer.body]).toMatchObject([200, { state: "in_sync", members: { removed: 1 } }]);
  expect(answer.body.reason).toContain("could not be updated");
  expect((await usher.call("GET", known.path)).body).toMatchObject({
    state: "failed",
    active: true,
    assigned: { direct: true, groups: [] },
  });
});

test("a member who is to be shut out, and could not be, is not pushed", async () => {
  const { provider, integration, members } = await given(1);
  const known = await givenProvisioned(usher, provider, integration);
  await usher.call("PUT", `/users/${known.userId}`, { ...known.user, suspended: true });
  provider.intercept = refusePatchOf(known.remoteId);
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  const answer = await usher.call("PUT", path, { name: groupId, members: [...members, known.userId] });
  expect(answer.body).toMatchObject({ state: "pending", members: { added: 1, pending: [known.userId] } });
  expect((await provider.groups())[0]?.members).not.toContain(known.remoteId);
});

test("members that the directory does not know are named, and nothing is sent or kept", async () => {
  const { provider, integration, members } = await given(2);
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  const answer = await usher.call("PUT", path, { name: groupId, members: [...members, "who-is-this"] });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({
    code: "unknown-members",
    detail: expect.stringContaining("who-is-this"),
  });
  expect(answer.body).not.toHaveProperty("eventId");
  expect((await usher.call("GET", path)).status).toBe(404);

  const group = await givenGroup(usher, provider, integration, members);
  const added = await usher.call("POST", `${group.path}/members`, { add: ["who-is-this"], remove: members });
  expect([added.status, added.body.code]).toEqual([422, "unknown-members"]);
  const put = await usher.call("PUT", group.path, { name: "Other name", members: ["who-is-this"] });
  expect([put.status, put.body.code]).toEqual([422, "unknown-members"]);
  expect(provider.requests).toEqual([]);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ name: group.name, state: "in_sync" });
  expect((await usher.call("GET", `${group.path}/members`)).body.items).toHaveLength(2);
});

test("a deleted user is unknown as a member", async () => {
  const { integration, members } = await given(1);
  await usher.call("DELETE", `/users/${members[0]}`);
  const answer = await usher.call("PUT", `${integration.path}/groups/${newId("group")}`, {
    name: "G",
    members,
  });
  expect([answer.status, answer.body.code]).toEqual([422, "unknown-members"]);
});

test("an integration without groups refuses them", async () => {
  const { provider, integration, members } = await given(1, { groupsEnabled: false });
  const path = `${integration.path}/groups/${newId("group")}`;
  for (const [method, at, body] of [
    ["PUT", path, { name: "G", members }],
    ["POST", `${path}/members`, { add: members }],
  ] as const) {
    const answer = await usher.call(method, at, body);
    expect([answer.status, answer.body.code]).toEqual([422, "groups-disabled"]);
  }
  expect(provider.requests).toEqual([]);
});

test("a user's receipt names the events of members whom a failing group of the user has provisioned by then", async () => {
  const { provider, integration, members } = await given(3);
  provider.intercept = ({ method }) => (method === "POST" ? scimError(501, "Not yet.") : undefined);
  await usher.call("PUT", `${integration.path}/groups/${newId("group")}`, { name: "Late", members });
  provider.intercept = ({ method, path }) =>
    method === "POST" && path === "/Groups" ? scimError(403, "No groups here.") : undefined;

  const path = `${integration.path}/users/${members[0]}`;
  const { body } = await usher.call("PUT", path, undefined, { "x-correlation-id": "late-group" });
  expect(body).toMatchObject({ action: "created", state: "in_sync" });
  const events = await eventsOf(usher, "correlationId=late-group");
  expect(events.map(({ event_type, success }) => `${success ? "" : "!"}${event_type}`).toSorted()).toEqual([
    "!group_create_provision",
    "user_create_provision",
    "user_create_provision",
    "user_create_provision",
  ]);
  expect(body.eventIds.toSorted()).toEqual(events.map(({ id }) => id).toSorted());
});

test("members who cannot be mapped are named with the reason, the first hundred of them, and counted", async () => {
  const { integration, members } = await given(102, {
    attributeMappings: [{ target: "title", source: "jobTitle" }],
    overrides: { requiredAttributes: ["userName", "title"] },
  });
  const path = `${integration.path}/groups/${newId("group")}`;
  const { status, body } = await usher.call("PUT", path, { name: path, members });
  expect([status, body.state]).toEqual([202, "pending"]);
  const { pending, pendingTotal, failed, failedTotal } = body.members as Record<string, unknown[]>;
  expect([pending?.length, pendingTotal, failed?.length, failedTotal]).toEqual([100, 102, 100, 102]);
  expect(failed?.[0]).toMatchObject({ code: "mapping-failed", detail: expect.stringContaining("title") });
  expect(String(body.reason)).toMatch(/\(mapping-failed\).* and 92 more/);
  expect(body.eventIds).toEqual([]);
});
