import { expect, test } from "vitest";
import { startScimmy } from "../../providers/scimmy.ts";
import {
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  passTime,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();
const day = 86_400_000;

const given = async (policies: object = { deleteAfter: "30d" }) => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider, { policies });
  const person = await givenProvisioned(usher, provider, integration);
  const leave = () => usher.call("DELETE", `/users/${person.userId}`);
  const statusOf = async () => (await usher.call("GET", person.path)).body;
  return { provider, integration, ...person, leave, statusOf };
};

test("a leaver's account is closed at once, and deleted by the first call after deleteAfter", async () => {
  const { provider, userId, leave, statusOf } = await given();
  const { status, body } = await leave();
  const { deleteFrom } = await statusOf();
  expect(Date.parse(String(deleteFrom)) - Date.now()).toBeGreaterThan(29 * day);
  expect(Date.parse(String(deleteFrom)) - Date.now()).toBeLessThanOrEqual(30 * day);
  expect(status).toBe(200);
  expect(body.receipts).toMatchObject([
    { action: "deprovisioned", state: "deprovisioned", reason: expect.stringContaining(String(deleteFrom)) },
  ]);
  expect(await provider.users()).toMatchObject([{ active: false }]);
  expect(await statusOf()).toMatchObject({ state: "deprovisioned", desired: "absent", active: false });
  expect((await usher.call("GET", `/users/${userId}`)).body).toMatchObject({
    deletedAt: expect.any(String),
    integrations: [{ state: "deprovisioned" }],
  });
  forget(provider);
  expect(await leave()).toMatchObject({ status: 200, body: { receipts: [{ action: "unchanged" }] } });
  expect((await statusOf()).deleteFrom).toBe(deleteFrom);
  expect(provider.requests).toEqual([]);

  passTime(31 * day);
  expect(await leave()).toMatchObject({
    status: 200,
    body: { receipts: [{ action: "deleted", state: "deleted" }] },
  });
  expect(await provider.users()).toEqual([]);
  expect((await usher.call("GET", `/users/${userId}`)).status).toBe(404);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "user_deprovision",
    "user_delete_provision",
  ]);
});

test("who comes back before keeps the account, which nothing deletes any more", async () => {
  const { provider, userId, user, remoteId, path, leave, statusOf } = await given();
  expectOk(await leave());
  expectOk(await usher.call("PUT", `/users/${userId}`, user));
  expect(await statusOf()).toMatchObject({ state: "deprovisioned", desired: "inactive" });
  expect(await statusOf()).not.toHaveProperty("deleteFrom");
  passTime(31 * day);
  await usher.call("DELETE", path, undefined);
  expect(await provider.users()).toMatchObject([{ active: false }]);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "reactivated", remoteId });
  expect((await statusOf()).assigned).toEqual({ direct: true, groups: [] });
  // The next time counts anew.
  expectOk(await leave());
  expect(await provider.users()).toMatchObject([{ active: false }]);
  expect(Date.parse(String((await statusOf()).deleteFrom)) - Date.now()).toBeGreaterThan(29 * day);
});

test("a leaver leaves the groups at once, whenever the account is deleted", async () => {
  const { provider, integration, userId, leave } = await given();
  await givenGroup(usher, provider, integration, [userId]);
  expectOk(await leave());
  expect((await provider.groups()).map(({ members }) => members)).toEqual([[]]);
});

test.each([
  ["0 by default", {}, [], "deleted"],
  ["0", { deleteAfter: "0" }, [], "deleted"],
  [
    "30d, and a leaver is deprovisioned",
    { deleteAfter: "30d", onUserDeleted: "deprovision" },
    [{}],
    "deprovisioned",
  ],
])("deleteAfter %s", async (_, policies, left, state) => {
  const { provider, leave, statusOf } = await given(policies);
  expectOk(await leave());
  expect(await provider.users()).toMatchObject(left);
  expect(await statusOf()).toMatchObject({ state });
  expect(await statusOf()).not.toHaveProperty("deleteFrom");
});

test("a call that asks for the deletion in one integration has it now", async () => {
  const { provider, path } = await given();
  expectOk(await usher.call("DELETE", `${path}?action=delete`));
  expect(await provider.users()).toEqual([]);
});
