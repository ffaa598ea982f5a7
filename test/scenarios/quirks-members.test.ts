import { expect, test } from "vitest";
import { call } from "../providers/call.ts";
import type { Switches } from "../providers/quirky-switches.ts";
import { expectMembers, givenQuirkyGroup, lastEventOf, remoteIdOf, shutOut } from "../support/quirks.ts";
import {
  detailsOf,
  expectOk,
  forget,
  givenSaved,
  passTime,
  replicationMs,
  scimError,
  useUsher,
} from "../support/steps.ts";

const usher = useUsher();

test.each<[string, Switches]>([
  ["404", { unknownMember: 404 }],
  ["400", { unknownMember: 400 }],
])(
  "a member whose account is gone, for whom the change is refused by %s, keeps nobody else out, and comes with a new account",
  async (_, switches) => {
    const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(
      usher,
      switches,
    );
    for (const userId of [joins, second])
      expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
    passTime(replicationMs);
    await call(provider, "DELETE", `/Users/${await remoteIdOf(usher, integration, joins)}`);
    const { body } = await usher.call("POST", `${group.path}/members`, { add: [joins, second] });
    expect(body).toMatchObject({ state: "pending", members: { added: 1, pending: [joins] } });
    expect(detailsOf(await lastEventOf(usher, `groupId=${group.groupId}`))).toContain(`Left out`);
    expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
      state: "in_sync",
    });
    await expectMembers(usher, provider, integration, [stays, leaves, joins, second]);
  },
);

test.each<[string, Switches]>([
  ["404", { unknownLeaver: 404 }],
  ["400", { unknownLeaver: 400 }],
])(
  "who leaves, and whose account is gone, is out although the change is refused by %s, and keeps nobody in",
  async (_, switches) => {
    const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(
      usher,
      switches,
    );
    expectOk(await usher.call("POST", `${group.path}/members`, { add: [second] }));
    passTime(replicationMs);
    await call(provider, "DELETE", `/Users/${await remoteIdOf(usher, integration, leaves)}`);
    const change = { add: [joins], remove: [leaves, second] };
    const { body } = await usher.call("POST", `${group.path}/members`, change);
    expect(body).toMatchObject({ state: "in_sync", members: { added: 1, removed: 2, pending: [] } });
    const event = await lastEventOf(usher, `groupId=${group.groupId}`);
    expect(detailsOf(event)).toContain(`Left out`);
    expect(event?.members_removed).toHaveLength(2);
    await expectMembers(usher, provider, integration, [stays, joins]);
  },
);

test("one of many members for whom a change is refused is found in few requests, and the call keeps all others", async () => {
  const { provider, integration, group } = await givenQuirkyGroup(usher, { unknownMember: 404 });
  const joining = await givenSaved(usher, 60);
  const [lost = ""] = joining.slice(41);
  for (const userId of joining) expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  passTime(replicationMs);
  await call(provider, "DELETE", `/Users/${await remoteIdOf(usher, integration, lost)}`);
  forget(provider);
  const { body } = await usher.call("POST", `${group.path}/members`, { add: joining });
  expect(body).toMatchObject({ state: "pending", members: { added: 59, pending: [lost] } });
  expect(provider.requests.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(60)) + 4);
  const reads = provider.requests
    .filter(({ method }) => method === "GET")
    .map(({ path }) => path.split("/")[1]);
  expect(reads).toEqual(["Groups", "Users", "Users"]);
});

test.each([
  ["401", 401],
  ["403", 403],
])("a change that is refused by %s is sent once, and no member is looked at", async (_, status) => {
  const { provider, integration, group, joins, second } = await givenQuirkyGroup(usher, {});
  for (const userId of [joins, second])
    expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  forget(provider);
  provider.intercept = ({ path }) => (path.startsWith("/Groups") ? scimError(status, "No.") : undefined);
  const refused = await usher.call("POST", `${group.path}/members`, { add: [joins, second] });
  expect(refused.body.code).toBe("provider-rejected");
  expect(provider.requests.map(({ method }) => method)).toEqual(["PATCH"]);
});

test("a group that is gone is looked at before its members are", async () => {
  const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(usher, {});
  for (const userId of [joins, second])
    expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  passTime(replicationMs);
  await call(provider, "DELETE", `/Groups/${group.remoteId}`);
  forget(provider);
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins, second] }));
  expect(provider.requests.filter(({ path }) => path.startsWith("/Users/"))).toEqual([]);
  await expectMembers(usher, provider, integration, [stays, leaves, joins, second]);
});

test("a member whose account was shut out there, for whom the change is refused, keeps nobody else out, and comes once opened again", async () => {
  const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(usher, {
    inactiveMemberRefused: true,
  });
  for (const userId of [joins, second])
    expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  const account = await remoteIdOf(usher, integration, joins);
  await shutOut(provider, account);
  const { body } = await usher.call("POST", `${group.path}/members`, { add: [joins, second] });
  expect(body).toMatchObject({ state: "pending", members: { added: 1, pending: [joins] } });
  expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
    state: "in_sync",
  });
  expect(await remoteIdOf(usher, integration, joins)).toBe(account);
  await expectMembers(usher, provider, integration, [stays, leaves, joins, second]);
});
