import { expect, test } from "vitest";
import { call } from "../providers/call.ts";
import type { Switches } from "../providers/quirky-switches.ts";
import { expectMembers, givenQuirkyGroup, lastEventOf, remoteIdOf, shutOut } from "../support/quirks.ts";
import { detailsOf, expectOk, useUsher } from "../support/steps.ts";

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
