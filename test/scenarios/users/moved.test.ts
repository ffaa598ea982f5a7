import { expect, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import {
  aPerson,
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async (fields: object = {}) => {
  const provider = await givenProvider(startQuirky);
  const integration = await givenIntegration(usher, provider, fields);
  /** The same service provider and tenant, under another base URL. */
  const move = async () => {
    expectOk(await usher.call("PATCH", integration.path, { baseUrl: `${provider.baseUrl}/moved` }));
    forget(provider);
  };
  return { provider, integration, move };
};

test("a user is deprovisioned once under another base URL, and comes back to the same account", async () => {
  const { provider, integration, move } = await given();
  const { path, userId, user, remoteId } = await givenProvisioned(usher, provider, integration);
  await move();
  const { body } = expectOk(await usher.call("DELETE", path));
  expect(body).toMatchObject({ action: "deprovisioned", state: "deprovisioned", active: false });
  expect(body.eventIds).toHaveLength(1);
  expect(requestLines(provider)).toEqual([`GET /moved/Users/${remoteId}`, `PATCH /moved/Users/${remoteId}`]);
  expect((await usher.call("DELETE", path)).body).toMatchObject({ action: "unchanged", eventIds: [] });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "reactivated", remoteId });
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "user_deprovision",
    "user_update_provision",
  ]);
});

test("a user who is suspended under another base URL is deprovisioned once", async () => {
  const { provider, integration, move } = await given();
  const { path, user } = await givenProvisioned(usher, provider, integration);
  await move();
  const { body } = expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
  expect(body).toMatchObject({ action: "deprovisioned", state: "in_sync" });
  expect(writes(provider)).toHaveLength(1);
});

test("a deleted group deprovisions its member once under another base URL", async () => {
  const { provider, integration, move } = await given({ policies: { onUserUnassigned: "deprovision" } });
  const members = await givenSaved(usher, 1);
  const group = await givenGroup(usher, provider, integration, members);
  await move();
  const { body } = expectOk(await usher.call("DELETE", `${group.path}?action=delete`));
  expect(body).toMatchObject({ action: "deleted", state: "deleted" });
  expect(await eventTypesOf(usher, `userId=${members[0]}`)).toEqual(
    expect.arrayContaining(["user_create_provision", "user_deprovision"]),
  );
  expect(
    (await eventTypesOf(usher, `userId=${members[0]}`)).filter((type) => type === "user_deprovision"),
  ).toHaveLength(1);
});

test.each(["deprovision", "delete"])(
  "an account that is another user's under the new base URL is not touched by a %s",
  async (action) => {
    const { provider, integration, move } = await given();
    const { path, user, remoteId } = await givenProvisioned(usher, provider, integration);
    await move();
    const other = aPerson({ ...user });
    const adopted = await usher.call("PUT", `${integration.path}/users/${other.userId}`, {
      ...other.user,
      email: user.email,
    });
    expect(adopted.body).toMatchObject({ action: "adopted", remoteId });
    forget(provider);
    const { body } = expectOk(await usher.call("DELETE", `${path}?action=${action}`));
    expect(body.eventIds).toHaveLength(1);
    expect(writes(provider)).toEqual([]);
    expect(await provider.users()).toMatchObject([{ active: true }]);
  },
);

const removals = {
  leaver: { action: "deleted", policies: { onUserDeleted: "delete" } },
  "take-out": { action: "deprovisioned", policies: {} },
  lock: { action: "deprovisioned", policies: {} },
  suspension: { action: "deprovisioned", policies: {} },
} as const;

/** The person has an account at another tenant as well, under another id, and the integration is moved there. */
const givenMoved = async (fields: object = {}) => {
  const { provider, integration } = await given(fields);
  const person = await givenProvisioned(usher, provider, integration);
  const other = await givenProvider(startQuirky);
  const stranger = other.addUser({ userName: "stranger@example.com" });
  const remoteId = other.addUser({ userName: String(person.user.email) });
  const move = () =>
    usher.call("PATCH", integration.path, {
      baseUrl: other.baseUrl,
      credentials: { type: "bearer", clientSecret: other.token },
    });
  expectOk(await move());
  forget(other);
  const remove = (how: keyof typeof removals) => {
    const { path, userId, user } = person;
    if (how === "leaver") return usher.call("DELETE", `/users/${userId}`);
    if (how === "lock") return usher.call("POST", `/users/${userId}/lock`, { reason: "Laptop stolen" });
    return how === "take-out"
      ? usher.call("DELETE", path)
      : usher.call("PUT", path, { ...user, suspended: true });
  };
  return { provider, other, integration, person, remoteId, stranger, remove };
};

test.each(["leaver", "take-out", "lock", "suspension"] as const)(
  "a %s takes the account away that the person has at another tenant under another id",
  async (how) => {
    const { policies, action } = removals[how];
    const { other, remoteId, stranger, remove } = await givenMoved({ policies });
    const { body } = expectOk(await remove(how));
    expect(Array.isArray(body.receipts) ? body.receipts[0] : body).toMatchObject({ action });
    const left = (await other.users()).map(({ id, active }) => ({ id, active }));
    const closed = action === "deleted" ? [] : [{ id: remoteId, active: false }];
    expect(left).toEqual([{ id: stranger, active: true }, ...closed]);
  },
);

test("a removal of one who has no account at another tenant is done, and touches nobody there", async () => {
  const { other, remoteId, remove } = await givenMoved();
  other.removeUser(remoteId);
  const { body } = expectOk(await remove("take-out"));
  expect(body).toMatchObject({ action: "deprovisioned", state: "deprovisioned" });
  expect(writes(other)).toEqual([]);
  expect(await other.users()).toMatchObject([{ active: true }]);
});

test.each(["leaver", "take-out"] as const)(
  "a %s that found nobody at another tenant is to be done yet once the integration is back at the one before",
  async (how) => {
    const { provider, other, integration, person, remoteId, remove } = await givenMoved();
    other.removeUser(remoteId);
    expectOk(await remove(how));
    expect(await provider.users()).toMatchObject([{ active: true }]);
    const credentials = { type: "bearer", clientSecret: provider.token };
    expectOk(await usher.call("PATCH", integration.path, { baseUrl: provider.baseUrl, credentials }));
    expect((await usher.call("GET", person.path)).body).toMatchObject({ state: "pending" });
    expectOk(await usher.call("DELETE", how === "leaver" ? `/users/${person.userId}` : person.path));
    const left = how === "leaver" ? [] : [{ active: false }];
    expect((await provider.users()).map(({ active }) => ({ active }))).toEqual(left);
  },
);

test.each(["leaver", "take-out", "lock", "suspension"] as const)(
  "a %s is not done where two accounts at another tenant may be the person's, and is told as open",
  async (how) => {
    const { other, person, integration, remove } = await givenMoved({ policies: removals[how].policies });
    other.addUser({ userName: String(person.user.email) });
    expect((await remove(how)).status).not.toBe(200);
    expect(writes(other)).toEqual([]);
    const { body } = await usher.call("GET", `/attention?integrationId=${integration.integrationId}`);
    expect(body.items).toMatchObject([{ kind: "access-open", userId: person.userId }]);
  },
);

test("one who was closed before the move is not shown as closed at the other tenant until the account there is", async () => {
  const provider = await givenProvider(startQuirky);
  const integration = await givenIntegration(usher, provider);
  const { path, user } = await givenProvisioned(usher, provider, integration);
  expectOk(await usher.call("DELETE", path));
  const other = await givenProvider(startQuirky);
  other.addUser({ userName: String(user.email) });
  const credentials = { type: "bearer", clientSecret: other.token };
  expectOk(await usher.call("PATCH", integration.path, { baseUrl: other.baseUrl, credentials }));
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "pending" });
  expect((await usher.call("DELETE", path)).body).toMatchObject({ state: "deprovisioned" });
  expect(await other.users()).toMatchObject([{ active: false }]);
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "deprovisioned" });
  forget(other);
  expect((await usher.call("DELETE", path)).body).toMatchObject({ action: "unchanged" });
  expect(requestLines(other)).toEqual([]);
});
