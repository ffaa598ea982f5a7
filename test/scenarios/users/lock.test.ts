import { expect, test } from "vitest";
import { startScimmy } from "../../providers/scimmy.ts";
import {
  aPerson,
  eventsOf,
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();
const reason = "stolen laptop";

const given = async (fields: object = {}) => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider, fields);
  const person = await givenProvisioned(usher, provider, integration);
  const lock = () => usher.call("POST", `/users/${person.userId}/lock`, { reason });
  const unlock = () => usher.call("POST", `/users/${person.userId}/unlock`);
  return { provider, integration, ...person, lock, unlock };
};
const activeIn = async ({ users }: Awaited<ReturnType<typeof startScimmy>>) =>
  (await users()).map(({ active }) => active);

test("a lock shuts the user out in every integration, and outlives PUT and PATCH", async () => {
  const { provider, userId, user, path, lock, integration } = await given();
  const other = await givenProvider(startScimmy);
  const second = await givenIntegration(usher, other);
  expectOk(await usher.call("PUT", `${second.path}/users/${userId}`));
  const { status, body } = await lock();
  expect(status).toBe(200);
  expect(body).toEqual({
    userId,
    receipts: expect.arrayContaining(
      [integration, second].map(({ integrationId }) => ({
        integrationId,
        action: "deprovisioned",
        state: "in_sync",
        eventIds: [expect.any(String)],
      })),
    ),
  });
  expect([await activeIn(provider), await activeIn(other)]).toEqual([[false], [false]]);
  const [event] = (await eventsOf(usher, `userId=${userId}`)).slice(-1);
  expect(event).toMatchObject({ event_type: "user_deprovision", reason });

  const locked = { since: expect.any(String), by: "local-admin", reason };
  expect((await usher.call("GET", `/users/${userId}`)).body).toMatchObject({ lock: locked });
  const put = await usher.call("PUT", `/users/${userId}`, { ...user, suspended: false, jobTitle: "Boss" });
  expect(put.body).toMatchObject({ lock: locked, jobTitle: "Boss" });
  await usher.call("PATCH", `/users/${userId}`, { state: "ACTIVATED" });
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ active: false });
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "in_sync", desired: "inactive" });
  expect(await activeIn(provider)).toEqual([false]);
  expect(await lock()).toMatchObject({ status: 200, body: { receipts: [{ action: "unchanged" }, {}] } });
});

test("without the lock the user is active again where the directory says so, with what the groups grant", async () => {
  const { provider, integration, userId, unlock, lock } = await given();
  const [other = ""] = await givenSaved(usher, 1);
  const group = await givenGroup(usher, provider, integration, [userId, other]);
  expectOk(await lock());
  expect(await unlock()).toMatchObject({
    status: 200,
    body: { receipts: [{ action: "reactivated", state: "in_sync" }] },
  });
  expect(await activeIn(provider)).toEqual([true, true]);
  expect((await provider.groups())[0]?.members).toHaveLength(2);
  expect((await usher.call("GET", `/users/${userId}`)).body).not.toHaveProperty("lock");
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });

  expectOk(await lock());
  await usher.call("PATCH", `/users/${userId}`, { suspended: true });
  expectOk(await unlock());
  expect(await activeIn(provider)).toEqual([false, true]);
});

test("one who is locked gets no account, and is skipped with the reason", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  expect(await usher.call("POST", `/users/${userId}/lock`, { reason })).toMatchObject({
    status: 200,
    body: { receipts: [] },
  });
  const path = `${integration.path}/users/${userId}`;
  expect((await usher.call("PUT", path)).body).toMatchObject({
    action: "skipped",
    reason: "the user is locked",
  });
  const [other = ""] = await givenSaved(usher, 1);
  const group = await givenGroup(usher, provider, integration, [userId, other]);
  expect(await provider.users()).toHaveLength(1);
  expect((await provider.groups())[0]?.members).toHaveLength(1);
  expectOk(await usher.call("POST", `/users/${userId}/unlock`, { reason: "found" }));
  expect(await provider.users()).toHaveLength(2);
  expect((await usher.call("GET", `${group.path}/members`)).body.items).toHaveLength(2);
});

test("a lock closes the account that a policy has left open, too", async () => {
  const { provider, path, lock, unlock } = await given({ policies: { onUserUnassigned: "none" } });
  await usher.call("DELETE", path);
  expect(await activeIn(provider)).toEqual([true]);
  expect(await lock()).toMatchObject({
    status: 200,
    body: { receipts: [{ action: "deprovisioned", state: "deprovisioned" }] },
  });
  expect(await activeIn(provider)).toEqual([false]);
  expectOk(await unlock());
  expect(await activeIn(provider)).toEqual([false]);
});

test("a lock that one provider refuses takes the user out of the groups there, and is told as not done", async () => {
  const { provider, integration, userId, lock, unlock } = await given();
  const group = await givenGroup(usher, provider, integration, [userId]);
  provider.intercept = ({ method, path }) =>
    method !== "GET" && path.startsWith("/Users") ? scimError(400, "the last owner") : undefined;
  const { status, headers, body } = await lock();
  expect(status).toBe(202);
  expect(headers.get("retry-after")).toEqual(expect.any(String));
  expect(body.receipts).toMatchObject([
    { action: "unchanged", state: "failed", reason: expect.stringContaining("the last owner") },
  ]);
  expect(JSON.stringify(body)).not.toContain('refused":');
  expect((await provider.groups())[0]?.members).toEqual([]);
  provider.intercept = undefined;
  expect(await lock()).toMatchObject({ status: 200, body: { receipts: [{ action: "deprovisioned" }] } });
  expectOk(await unlock());
  expect((await provider.groups())[0]?.members).toHaveLength(1);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });
});

test("where the integration is not active the lock is kept, and told as not done", async () => {
  const { provider, path, lock, integration } = await given();
  provider.setToken("another");
  expect((await usher.call("PUT", path, aPerson().user)).status).toBe(502);
  forget(provider);
  const { status, body } = await lock();
  expect(status).toBe(202);
  expect(body.receipts).toMatchObject([
    { state: "pending", reason: expect.stringContaining("needs_reauth") },
  ]);
  expect(requestLines(provider)).toEqual([]);
  expect(integration.path).toEqual(expect.any(String));
});

test("a lock survives the leaver call and the return", async () => {
  const { userId, user, lock, provider, path } = await given();
  expectOk(await lock());
  expectOk(await usher.call("DELETE", `/users/${userId}`));
  expect((await usher.call("POST", `/users/${userId}/lock`, { reason })).status).toBe(404);
  expect((await usher.call("PUT", `/users/${userId}`, user)).body).toMatchObject({ lock: { reason } });
  await usher.call("PUT", path);
  expect((await provider.users()).filter(({ active }) => active)).toEqual([]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).not.toContain("!user_create_provision");
});
