import { expect, test } from "vitest";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  aPerson,
  eventTypesOf,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  passTime,
  replicationMs,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async (fields: object = {}) => {
  const provider = await givenProvider(startStrongDm);
  return { provider, integration: await givenIntegration(usher, provider, fields) };
};

test("who leaves the directory leaves no group where groups are switched off", async () => {
  const { provider, integration } = await given({ policies: { onUserDeleted: "deprovision" } });
  const [userId = ""] = await givenSaved(usher, 1);
  await givenGroup(usher, provider, integration, [userId]);
  await usher.call("PATCH", integration.path, { groupsEnabled: false });
  forget(provider);
  const { body } = await usher.call("DELETE", `/users/${userId}`);
  expect(body.receipts).toMatchObject([{ action: "deprovisioned", state: "deprovisioned" }]);
  expect(requestLines(provider).filter((line) => line.includes("/Groups"))).toEqual([]);
});

test.each([
  ["staged", { state: "STAGED" }],
  ["suspended", { suspended: true }],
  ["suspended by state", { state: "SUSPENDED" }],
  ["whose password has expired", { passwordExpired: true }],
])(
  "a user %s who was never provisioned is skipped, with a reason and without an event",
  async (_, fields) => {
    const { provider, integration } = await given();
    const { userId, user } = aPerson(fields);
    const path = `${integration.path}/users/${userId}`;
    const answer = await usher.call("PUT", path, user);
    expect(answer.status).toBe(200);
    const { reason } = answer.body;
    expect(answer.body).toMatchObject({ action: "skipped", state: "skipped", eventIds: [] });
    expect(reason).toEqual(expect.any(String));
    expect(provider.requests).toEqual([]);
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([]);
    expect((await usher.call("GET", path)).body).toMatchObject({
      state: "skipped",
      reason,
      desired: "inactive",
      attempts: 0,
    });

    const activated = { ...user, state: "ACTIVATED", suspended: false, passwordExpired: false };
    expect((await usher.call("PUT", path, activated)).body).toMatchObject({
      action: "created",
      active: true,
    });
  },
);

test.each([
  ["staged again", { state: "STAGED" }],
  ["suspended", { suspended: true }],
  ["suspended by state", { state: "SUSPENDED" }],
  ["locked by an expired password", { passwordExpired: true }],
])("a provisioned user who is %s is deprovisioned, whatever else changes", async (_, fields) => {
  const { provider, integration } = await given();
  const { path, user, userId } = await givenProvisioned(usher, provider, integration);
  const answer = await usher.call("PUT", path, { ...user, ...fields, jobTitle: "Gone" });
  expect(answer.body).toMatchObject({ action: "deprovisioned", active: false });
  expect(await provider.users()).toMatchObject([{ active: false }]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "user_deprovision",
  ]);
  expect((await usher.call("GET", path)).body).toMatchObject({ desired: "inactive", active: false });
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged", eventIds: [] });
  expect(provider.requests).toEqual([]);
});

test.each([
  ["deprovision", "deprovisioned", [{ active: false }]],
  ["delete", "deleted", []],
  ["none", "unchanged", [{ active: true }]],
])("DELETE follows the policy onUserUnassigned: %s", async (onUserUnassigned, action, left) => {
  const { provider, integration } = await given({ policies: { onUserUnassigned } });
  const { path } = await givenProvisioned(usher, provider, integration);
  const answer = await usher.call("DELETE", path);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ action });
  expect(await provider.users()).toMatchObject(left);
  forget(provider);
  expect((await usher.call("DELETE", path)).body).toMatchObject({ action: "unchanged", eventIds: [] });
  expect(provider.requests).toEqual([]);
});

test("DELETE takes a user out although a bound group holds them, until PUT brings them back", async () => {
  const { provider, integration } = await given();
  const [userId = "", other = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [userId, other]);
  const path = `${integration.path}/users/${userId}`;

  expect((await usher.call("DELETE", path)).body).toMatchObject({ action: "deprovisioned" });
  expect((await usher.call("GET", path)).body).toMatchObject({
    state: "skipped",
    reason: "taken-out",
    desired: "inactive",
    assigned: { direct: false, groups: [group.groupId] },
  });
  // A call for the group does not bring the user back.
  await usher.call("PUT", group.path, { name: "Renamed" });
  const activeOf = async (id: string) =>
    (await usher.call("GET", `${integration.path}/users/${id}`)).body.active;
  expect([await activeOf(userId), await activeOf(other)]).toEqual([false, true]);

  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "reactivated", active: true });
  expect((await usher.call("GET", path)).body).toMatchObject({
    state: "in_sync",
    assigned: { direct: true, groups: [group.groupId] },
  });
  const [{ members } = { members: [] }] = await provider.groups();
  expect(members).toHaveLength(2);
});

test("a user who is deleted and comes back gets a new account", async () => {
  const { provider, integration } = await given();
  const { path, remoteId } = await givenProvisioned(usher, provider, integration);
  await usher.call("DELETE", `${path}?action=delete`);
  const answer = await usher.call("PUT", path);
  expect(answer.body).toMatchObject({ action: "created", state: "in_sync" });
  expect(answer.body.remoteId).not.toBe(remoteId);
});

test("DELETE of an account that is gone already succeeds", async () => {
  const { provider, integration } = await given();
  const { path, userId } = await givenProvisioned(usher, provider, integration);
  passTime(replicationMs);
  provider.intercept = ({ path: at }) => (at.startsWith("/Users/") ? { status: 404 } : undefined);
  const answer = await usher.call("DELETE", `${path}?action=delete`);
  expect(answer.body).toMatchObject({ action: "deleted", state: "deleted" });
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "user_delete_provision",
  ]);
});

test("a leaver is removed from every integration by its own policy; one that fails keeps nobody in another", async () => {
  const [deleting, deactivating, failing] = [
    await given(),
    await given({ policies: { onUserDeleted: "deprovision" } }),
    await given(),
  ];
  const { userId, user } = await givenProvisioned(usher, deleting.provider, deleting.integration);
  for (const { integration } of [deactivating, failing]) {
    expect((await usher.call("PUT", `${integration.path}/users/${userId}`)).body.action).toBe("created");
  }
  failing.provider.intercept = ({ method }) =>
    method === "DELETE" ? scimError(403, "Owners cannot be deleted.") : undefined;

  const answer = await usher.call("DELETE", `/users/${userId}`);
  expect(answer.status).toBe(202);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(answer.body.userId).toBe(userId);
  const receipts = new Map(
    (answer.body.receipts as { integrationId: string }[]).map((one) => [one.integrationId, one]),
  );
  expect(receipts.size).toBe(3);
  expect(receipts.get(deleting.integration.integrationId)).toMatchObject({
    action: "deleted",
    state: "deleted",
    eventIds: [expect.any(String)],
  });
  expect(receipts.get(deactivating.integration.integrationId)).toMatchObject({
    action: "deprovisioned",
    state: "deprovisioned",
  });
  expect(receipts.get(failing.integration.integrationId)).toMatchObject({
    state: "failed",
    eventIds: [expect.any(String)],
  });
  expect(await deleting.provider.users()).toEqual([]);
  expect(await deactivating.provider.users()).toMatchObject([{ active: false }]);
  expect(await failing.provider.users()).toMatchObject([{ userName: user.email }]);
  const open = (await usher.call("GET", `/users/${userId}`)).body;
  expect(open).toMatchObject({ ...user, deletedAt: expect.any(String) });
  expect((open.integrations as { state: string }[]).map(({ state }) => state).toSorted()).toEqual([
    "deleted",
    "deprovisioned",
    "failed",
  ]);
  expect((await usher.call("GET", `${failing.integration.path}/users/${userId}`)).body).toMatchObject({
    state: "failed",
    desired: "absent",
  });

  failing.provider.intercept = undefined;
  forget(deleting.provider);
  const again = await usher.call("DELETE", `/users/${userId}`);
  expect(again.status).toBe(200);
  expect((await usher.call("GET", `/users/${userId}`)).status).toBe(404);
  expect(await failing.provider.users()).toEqual([]);
  expect(deleting.provider.requests).toEqual([]);
  const types = await eventTypesOf(usher, `userId=${userId}`);
  expect(types.slice(3).toSorted()).toEqual([
    "!user_delete_provision",
    "user_delete_provision",
    "user_delete_provision",
    "user_deprovision",
  ]);
});

test("a leaver also leaves the groups at the provider", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider, { policies: { onUserDeleted: "deprovision" } });
  const [leaver = "", other = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [leaver, other]);
  expect((await usher.call("DELETE", `/users/${leaver}`)).status).toBe(200);
  const [remote] = await provider.groups();
  const stays = (await usher.call("GET", `${integration.path}/users/${other}`)).body.remoteId;
  expect(remote?.members).toEqual([stays]);
  const { items } = (await usher.call("GET", `${group.path}/members`)).body;
  expect(items.map((member) => member.userId)).toEqual([other]);
});

const idsIn = async (query: string) =>
  (await usher.call("GET", `/users?${query}`)).body.items.map(({ userId }) => userId);

test("a leaver stays readable, and in no list, while the provider is down", async () => {
  const { provider, integration } = await given();
  const { userId, user } = await givenProvisioned(usher, provider, integration);
  provider.intercept = () => ({ status: 503 });
  const answer = await usher.call("DELETE", `/users/${userId}`);
  expect(answer.status).toBe(202);
  expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  expect(await provider.users()).toMatchObject([{ active: true }]);
  const read = await usher.call("GET", `/users/${userId}`);
  expect(read).toMatchObject({ status: 200, body: { userId, deletedAt: expect.any(String) } });
  expect(read.body.integrations).toMatchObject([
    { integrationId: integration.integrationId, state: "retrying" },
  ]);
  expect(await idsIn(`email=${user.email}`)).toEqual([]);
  expect((await usher.call("PUT", `${integration.path}/users/${userId}`)).status).toBe(404);

  provider.intercept = undefined;
  expect((await usher.call("DELETE", `/users/${userId}`)).status).toBe(200);
  expect(await provider.users()).toEqual([]);
  expect((await usher.call("GET", `/users/${userId}`)).status).toBe(404);
  expect((await usher.call("DELETE", `/users/${userId}`)).status).toBe(200);
});

test("a leaver who is saved again while something is open is back", async () => {
  const { provider, integration } = await given();
  const { userId, user } = await givenProvisioned(usher, provider, integration);
  provider.intercept = () => ({ status: 503 });
  await usher.call("DELETE", `/users/${userId}`);
  provider.intercept = undefined;
  expect((await usher.call("PUT", `/users/${userId}`, user)).body).not.toHaveProperty("deletedAt");
  const { body } = await usher.call("GET", `/users/${userId}`);
  expect(body).not.toHaveProperty("deletedAt");
  expect(body).toMatchObject(user);
  expect(await idsIn(`email=${user.email}`)).toEqual([userId]);
});

test("a leaver stays readable while a group at the provider may hold them", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider, { policies: { onUserDeleted: "deprovision" } });
  const [leaver = "", other = ""] = await givenSaved(usher, 2);
  await givenGroup(usher, provider, integration, [leaver, other]);
  provider.intercept = ({ path, method }) =>
    method === "PATCH" && path.startsWith("/Groups") ? scimError(403, "Groups are frozen.") : undefined;
  const answer = await usher.call("DELETE", `/users/${leaver}`);
  expect(answer).toMatchObject({ status: 202, body: { receipts: [{ state: "failed" }] } });
  expect(await provider.users()).toEqual(
    expect.arrayContaining([expect.objectContaining({ active: false })]),
  );
  expect((await usher.call("GET", `/users/${leaver}`)).status).toBe(200);

  provider.intercept = undefined;
  expect((await usher.call("DELETE", `/users/${leaver}`)).status).toBe(200);
  expect((await provider.groups())[0]?.members).toHaveLength(1);
  expect((await usher.call("GET", `/users/${leaver}`)).status).toBe(404);
});

test("an integration that needs new credentials keeps a leaver open only where it has an account of theirs", async () => {
  const [held, gone] = [await given(), await given()];
  const { userId } = await givenProvisioned(usher, held.provider, held.integration);
  await usher.call("PUT", `${gone.integration.path}/users/${userId}`);
  await usher.call("DELETE", `${gone.integration.path}/users/${userId}?action=delete`);
  for (const { provider, integration } of [held, gone]) {
    provider.intercept = () => scimError(401, "Who are you?");
    const { userId: other, user } = aPerson();
    await usher.call("PUT", `${integration.path}/users/${other}`, user);
  }
  const { status, body } = await usher.call("DELETE", `/users/${userId}`);
  expect(status).toBe(202);
  const states = (body.receipts as { integrationId: string; state: string }[]).map((one) => [
    one.integrationId === held.integration.integrationId,
    one.state,
  ]);
  expect(states).toEqual(
    expect.arrayContaining([
      [true, "pending"],
      [false, "deleted"],
    ]),
  );
});

test("a leaver who returns starts anew", async () => {
  const { provider, integration } = await given();
  const { path, userId, user } = await givenProvisioned(usher, provider, integration);
  await usher.call("DELETE", `/users/${userId}`);
  expect((await usher.call("PUT", path)).status).toBe(404);
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "created", state: "in_sync" });
  expect(requestLines(provider).filter((line) => line.startsWith("POST"))).toHaveLength(1);
  expect((await usher.call("GET", `/users/${userId}`)).body).toMatchObject({ userId, email: user.email });
});

test("unknown users: the leaver call, DELETE and the statuses are 404", async () => {
  const { integration } = await given();
  for (const [method, path] of [
    ["DELETE", "/users/nobody-here"],
    ["GET", "/users/nobody-here"],
    ["PUT", `${integration.path}/users/nobody-here`],
    ["GET", `${integration.path}/users/nobody-here`],
    ["DELETE", `${integration.path}/users/nobody-here`],
  ] as const) {
    const answer = await usher.call(method, path);
    expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 404, "not-found"]);
  }
});
