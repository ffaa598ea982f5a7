import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  aPerson,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  newId,
  passTime,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** A group of `count`, of whom the last `direct` are assigned directly, too. */
const given = async (count: number, direct: number, fields: object = {}) => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider, fields);
  const members = await givenSaved(usher, count);
  const group = await givenGroup(usher, provider, integration, members);
  for (const userId of direct > 0 ? members.slice(-direct) : [])
    expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  forget(provider);
  return { provider, integration, members, group };
};

const heldBy = (count: number) => ({ status: 409, body: { code: "deprovisions-held", count } });

test.each([
  ["PUT", "", (name: string, _: string[]) => ({ name, members: [] })],
  ["POST", "/members", (_: string, remove: string[]) => ({ remove })],
  ["DELETE", "?action=delete", () => undefined],
] as const)(
  "%s%s that takes a group from more than twenty who keep their account is held",
  async (method, suffix, bodyOf) => {
    const { provider, members, group } = await given(21, 21);
    const call = (query: string) => {
      const separator = suffix.includes("?") ? "&" : "?";
      const path = `${group.path}${suffix}${query && `${separator}${query}`}`;
      return usher.call(method, path, bodyOf(group.name, members));
    };
    expect(await call("")).toMatchObject(heldBy(21));
    expect(await call("confirm=20")).toMatchObject(heldBy(21));
    expect(await call("confirm=999999")).toMatchObject(heldBy(21));
    expect(provider.requests).toEqual([]);
    expect((await provider.groups())[0]?.members).toHaveLength(21);

    expect((await call("confirm=21")).status).toBe(200);
    expect((await provider.groups())[0]?.members ?? []).toEqual([]);
    expect((await provider.users()).filter(({ active }) => active)).toHaveLength(21);
  },
);

test("twenty who keep their account may lose a group without a word", async () => {
  const { provider, group } = await given(20, 20);
  const answer = await usher.call("PUT", group.path, { name: group.name, members: [] });
  expect(answer).toMatchObject({ status: 200, body: { members: { removed: 20 } } });
  expect((await provider.groups())[0]?.members ?? []).toEqual([]);
});

test("a group that is unbound and left as it is takes nothing from those who keep their account", async () => {
  const { provider, group } = await given(21, 21);
  expect((await usher.call("DELETE", group.path)).status).toBe(200);
  expect((await provider.groups())[0]?.members).toHaveLength(21);
});

test("where the policy leaves accounts as they are, the group alone counts", async () => {
  const { group } = await given(21, 0, { policies: { onUserUnassigned: "none" } });
  const body = { name: group.name, members: [] };
  expect(await usher.call("PUT", group.path, body)).toMatchObject(heldBy(21));
});

test("who loses the account and who loses the group alone are counted together", async () => {
  const { members, group } = await given(14, 3);
  const held = await usher.call("POST", `${group.path}/members`, { remove: members });
  expect(held).toMatchObject(heldBy(14));
  expect(held.body).toMatchObject({ accounts: 11, groupOnly: 3 });
  expect((await usher.call("POST", `${group.path}/members?confirm=11`, { remove: members })).status).toBe(
    409,
  );
  expect((await usher.call("POST", `${group.path}/members?confirm=14`, { remove: members })).status).toBe(
    200,
  );
});

test("a confirmed call that was cut short goes on by being sent again", async () => {
  const { provider, members, group } = await given(12, 0);
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Users") ? scimError(403, "Not now.") : undefined;
  const path = `${group.path}/members?confirm=12`;
  const first = await usher.call("POST", path, { remove: members });
  expect([first.status, first.body.state]).toEqual([202, "pending"]);
  expect((await provider.users()).filter(({ active }) => active)).toHaveLength(12);

  provider.intercept = undefined;
  expect((await usher.call("POST", path, { remove: members })).status).toBe(200);
  expect((await provider.users()).filter(({ active }) => active)).toEqual([]);
});

test("members who left while a group was unbound are counted when it is bound again", async () => {
  const { provider, members, group } = await given(21, 21);
  await usher.call("DELETE", group.path);
  const other = await givenIntegration(usher, await givenProvider(startStrongDm));
  const elsewhere = `${other.path}/groups/${group.groupId}`;
  expectOk(await usher.call("PUT", elsewhere, { name: group.name }));
  expectOk(await usher.call("POST", `${elsewhere}/members?confirm=21`, { remove: members }));
  forget(provider);
  expect(await usher.call("PUT", group.path, { name: group.name })).toMatchObject(heldBy(21));
  expect(requestLines(provider)).toEqual([]);
});

test("a group whose name another has, with more than twenty members, is refused by each call, and nothing is held", async () => {
  const { integration, members, group } = await given(22, 22);
  const path = `${integration.path}/groups/${newId("group")}`;
  const own = { members: members.slice(0, 1) };
  for (const name of [group.name, group.name])
    expect(await usher.call("PUT", path, { name, ...own })).toMatchObject({
      status: 409,
      body: { code: "account-claimed" },
    });
  expect((await usher.call("PUT", path, { name: "Another name" })).status).toBe(200);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });
});

/** Users with an account of their own. */
const givenAccounts = async (count: number, fields: object = {}) => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider, fields);
  const users = await givenSaved(usher, count);
  for (const userId of users) expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  forget(provider);
  const openOnes = async () => (await provider.users()).filter(({ active }) => active).length;
  return { provider, integration, users, openOnes };
};

test.each([
  ["DELETE", "", () => undefined],
  ["DELETE", "?action=delete", () => undefined],
  ["PUT", "", (user: object) => ({ ...user, suspended: true })],
] as const)(
  "forty accounts that go one by one, with %s%s, are stopped at the eleventh",
  async (method, query, bodyOf) => {
    const { integration, provider, openOnes } = await givenAccounts(0);
    const people = Array.from({ length: 40 }, () => aPerson());
    const at = (userId: string) => `${integration.path}/users/${userId}`;
    for (const { userId, user } of people) expectOk(await usher.call("PUT", at(userId), user));
    const statuses: number[] = [];
    for (const { userId, user } of people)
      statuses.push((await usher.call(method, `${at(userId)}${query}`, bodyOf(user))).status);
    expect(statuses).toEqual([...Array(10).fill(200), ...Array(30).fill(409)]);
    expect(await openOnes()).toBe(30);

    const { userId, user } = people.at(-1) ?? aPerson();
    forget(provider);
    const confirmed = (count: number) => {
      const asked = `${query}${query ? "&" : "?"}confirm=${count}`;
      return usher.call(method, `${at(userId)}${asked}`, bodyOf(user));
    };
    expect(await confirmed(2)).toMatchObject({ ...heldBy(1), body: { accounts: 1, groupOnly: 0 } });
    expect(provider.requests).toEqual([]);
    expect(expectOk(await confirmed(1)).body).toMatchObject({ eventIds: [expect.any(String)] });
    expect(await openOnes()).toBe(29);
  },
);

test("forty accounts that go at the same time are stopped at the eleventh", async () => {
  const { integration, users, openOnes } = await givenAccounts(40);
  const answers = await Promise.all(
    users.map((userId) => usher.call("DELETE", `${integration.path}/users/${userId}`)),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
  expect(await openOnes()).toBe(30);
});

test("calls of all kinds are counted together, and those that were confirmed are not", async () => {
  const { provider, integration, members, group } = await given(25, 0);
  expectOk(await usher.call("POST", `${group.path}/members?confirm=12`, { remove: members.slice(0, 12) }));
  expectOk(await usher.call("POST", `${group.path}/members`, { remove: members.slice(12, 18) }));
  for (const userId of members.slice(18, 22))
    expectOk(await usher.call("DELETE", `${integration.path}/users/${userId}`));
  expect(await usher.call("PUT", group.path, { name: group.name, members: [] })).toMatchObject(heldBy(7));
  expect((await provider.users()).filter(({ active }) => active)).toHaveLength(3);
});

test("after an hour as many may go again", async () => {
  const { integration, users, openOnes } = await givenAccounts(12);
  const remove = (userId = "") => usher.call("DELETE", `${integration.path}/users/${userId}`);
  for (const userId of users.slice(0, 10)) expectOk(await remove(userId));
  expect(await remove(users[10])).toMatchObject(heldBy(1));
  passTime(66 * 60_000);
  expectOk(await remove(users[10]));
  expect(await openOnes()).toBe(1);
});

test("other limits of an integration count, also once they are changed", async () => {
  const { integration, users } = await givenAccounts(4, { policies: { guard: { users: 1, percent: 0 } } });
  const remove = (userId = "") => usher.call("DELETE", `${integration.path}/users/${userId}`);
  expectOk(await remove(users[0]));
  expect(await remove(users[1])).toMatchObject(heldBy(1));
  expectOk(await usher.call("PATCH", integration.path, { policies: { guard: { users: 2 } } }));
  expectOk(await remove(users[1]));
  expect(await remove(users[2])).toMatchObject(heldBy(1));
});

test("an account that is closed already takes nothing from what is free", async () => {
  const { integration, users } = await givenAccounts(11);
  const remove = (userId = "") => usher.call("DELETE", `${integration.path}/users/${userId}`);
  for (const userId of users.slice(0, 10)) expectOk(await remove(userId));
  for (const userId of users.slice(0, 10)) expect((await remove(userId)).status).toBe(200);
  expect(await remove(users[10])).toMatchObject(heldBy(1));
});
