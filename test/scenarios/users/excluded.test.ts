import { expect, test } from "vitest";
import { startScimmy } from "../../providers/scimmy.ts";
import {
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async (fields: object = {}) => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider, fields);
  const [userId = "", other = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [userId, other]);
  const path = `${integration.path}/users/${userId}`;
  const statusOf = async () => (await usher.call("GET", path)).body;
  const giveBack = () => usher.call("DELETE", `${path}/exclusion`);
  return { provider, group, userId, other, path, statusOf, giveBack };
};
const activeIn = async ({ users }: Awaited<ReturnType<typeof startScimmy>>) =>
  (await users()).map(({ active }) => active);

test("who took a user out first is kept with the reason, until a PUT assigns the user", async () => {
  const { path, statusOf } = await given();
  await usher.call("DELETE", path, undefined, { "change-reason": "TICKET-1" });
  const { assigned } = await statusOf();
  expect(assigned).toMatchObject({ excluded: { by: "local-admin", reason: "TICKET-1" } });
  await usher.call("DELETE", path, undefined, { "change-reason": "TICKET-2" });
  expect((await statusOf()).assigned).toEqual(assigned);
  expectOk(await usher.call("PUT", path));
  expect((await statusOf()).assigned).not.toHaveProperty("excluded");
});

test("one who is taken out and held by no group is deprovisioned, and stays so when given back", async () => {
  const { provider, group, other, path, statusOf, giveBack } = await given();
  await usher.call("DELETE", path);
  expect(await statusOf()).toMatchObject({ state: "skipped", reason: "taken-out" });
  expectOk(await usher.call("PUT", group.path, { name: group.name, members: [other] }));
  expect(await statusOf()).toMatchObject({
    state: "deprovisioned",
    assigned: { groups: [], excluded: { by: "local-admin" } },
  });
  forget(provider);
  expect((await giveBack()).body).toMatchObject({ action: "unchanged", state: "deprovisioned" });
  expect((await statusOf()).assigned).toEqual({ direct: false, groups: [] });
  expect(provider.requests).toEqual([]);
  expectOk(
    await usher.call("PUT", group.path, { name: group.name, members: [other, path.split("/").at(-1)] }),
  );
  expect(await activeIn(provider)).toEqual([true, true]);
});

test("a user whose account was deleted is given back with a new one, and in the group", async () => {
  const { provider, path, giveBack } = await given();
  await usher.call("DELETE", `${path}?action=delete`);
  expect(await provider.users()).toHaveLength(1);
  expect((await giveBack()).body).toMatchObject({ action: "created", state: "in_sync" });
  expect((await provider.groups())[0]?.members).toHaveLength(2);
});

test("one who is not out yet is not skipped", async () => {
  const { provider, path, statusOf } = await given();
  provider.intercept = ({ method }) => (method === "PATCH" ? { status: 500 } : undefined);
  await usher.call("DELETE", path);
  expect((await statusOf()).state).not.toBe("skipped");
  expect((await statusOf()).assigned).toMatchObject({ excluded: { by: "local-admin" } });
});

test("who left the directory is not shown as taken out", async () => {
  const { userId, statusOf } = await given();
  expectOk(await usher.call("DELETE", `/users/${userId}`));
  expect(await statusOf()).toMatchObject({ state: "deleted" });
  expect((await statusOf()).assigned).not.toHaveProperty("excluded");
});

test("who left the directory and came back is held by the groups that have them again", async () => {
  const { provider, group, userId, other, path, statusOf } = await given({
    policies: { onUserDeleted: "deprovision" },
  });
  const { body: user } = await usher.call("GET", `/users/${userId}`);
  expectOk(await usher.call("DELETE", `/users/${userId}`));
  expect(await activeIn(provider)).toEqual([false, true]);
  const { email, firstname, lastname } = user;
  expectOk(await usher.call("PUT", `/users/${userId}`, { email, firstname, lastname }));
  expect(await statusOf()).toMatchObject({ state: "deprovisioned", assigned: { direct: false, groups: [] } });
  expectOk(await usher.call("PUT", group.path, { name: group.name, members: [userId, other] }));
  expect(await statusOf()).toMatchObject({
    state: "in_sync",
    active: true,
    assigned: { direct: false, groups: [group.groupId] },
  });
  expect((await provider.groups())[0]?.members).toHaveLength(2);
  // They are out of scope again by the policy of those who lose the last group.
  expectOk(await usher.call("PUT", group.path, { name: group.name, members: [other] }));
  expect(await activeIn(provider)).toEqual([false, true]);
  expect(path).toEqual(expect.any(String));
});

test("one who was taken out, left and came back stays out", async () => {
  const { provider, group, userId, other, path, statusOf } = await given({
    policies: { onUserDeleted: "deprovision" },
  });
  await usher.call("DELETE", path);
  const { email, firstname, lastname } = (await usher.call("GET", `/users/${userId}`)).body;
  expectOk(await usher.call("DELETE", `/users/${userId}`));
  expectOk(await usher.call("PUT", `/users/${userId}`, { email, firstname, lastname }));
  expectOk(await usher.call("PUT", group.path, { name: group.name, members: [userId, other] }));
  expect(await activeIn(provider)).toEqual([false, true]);
  expect(await statusOf()).toMatchObject({
    state: "skipped",
    reason: "taken-out",
    assigned: { excluded: { by: "local-admin" } },
  });
});
