import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { givenGroup, givenIntegration, givenProvider, givenSaved, useUsher } from "../../support/steps.ts";

const usher = useUsher();

/** Two integrations with one group, of which twelve have left in the first alone; in the second their going is held. */
const given = async () => {
  const first = await givenProvider(startStrongDm);
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const members = await givenSaved(usher, 14);
  const [stays = "", other = ""] = members;
  const there = await givenGroup(usher, first, await givenIntegration(usher, first), members);
  const group = { name: there.name, path: `${integration.path}/groups/${there.groupId}` };
  expect((await usher.call("PUT", group.path, { name: group.name })).status).toBe(200);
  const left = await usher.call("PUT", `${there.path}?confirm=12`, {
    name: group.name,
    members: [stays, other],
  });
  expect(left.body).toMatchObject({ members: { removed: 12 } });
  return { provider, integration, group, stays, other };
};
type Given = Awaited<ReturnType<typeof given>>;

const expectHeld = async ({ provider, group }: Given, { members, active }: Record<string, number>) => {
  expect((await provider.groups())[0]?.members).toHaveLength(members ?? 0);
  expect((await provider.users()).filter((user) => user.active)).toHaveLength(active ?? 0);
  expect((await usher.call("GET", group.path)).body.state).toBe("pending");
  const held = await usher.call("PUT", group.path, { name: group.name });
  expect(held).toMatchObject({ status: 409, body: { code: "deprovisions-held" } });
};

test("who leaves the directory goes alone, where the group has many others to let go of that nobody has confirmed", async () => {
  const all = await given();
  const answer = await usher.call("DELETE", `/users/${all.other}`);
  expect((answer.body.receipts as { action: string }[]).map(({ action }) => action)).toEqual([
    "deleted",
    "deleted",
  ]);
  expect((await usher.call("GET", `/users/${all.other}`)).status).toBe(404);
  await expectHeld(all, { members: 13, active: 13 });

  const { provider, group } = all;
  const confirmed = await usher.call("PUT", `${group.path}?confirm=12`, { name: group.name });
  expect(confirmed.body).toMatchObject({ state: "in_sync", members: { removed: 12 } });
  expect((await provider.users()).filter(({ active }) => active)).toHaveLength(1);
});

test("a confirmation of more, or of fewer, than are taken away is none", async () => {
  const { provider, group } = await given();
  for (const count of [11, 20, 999_999]) {
    const answer = await usher.call("PUT", `${group.path}?confirm=${count}`, { name: group.name });
    expect(answer).toMatchObject({ status: 409, body: { code: "deprovisions-held", count: 12 } });
  }
  const confirmed = await usher.call("PUT", `${group.path}?confirm=12`, { name: group.name });
  expect(confirmed.body).toMatchObject({ state: "in_sync", members: { removed: 12 } });
  expect((await provider.users()).filter(({ active }) => active)).toHaveLength(2);
});

test("who comes back is put into the group, which lets go of nobody that a call for the group has to confirm", async () => {
  const all = await given();
  const path = `${all.integration.path}/users/${all.other}`;
  const {
    userId: _,
    updatedAt: __,
    integrations: ___,
    ...user
  } = (await usher.call("GET", `/users/${all.other}`)).body;
  await usher.call("PUT", path, { ...user, suspended: true });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "reactivated", active: true });
  await expectHeld(all, { members: 14, active: 14 });
});

test("few others whom a group has to let go of go along with who leaves the directory", async () => {
  const provider = await givenProvider(startStrongDm);
  const second = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, second);
  const members = await givenSaved(usher, 4);
  const there = await givenGroup(usher, provider, await givenIntegration(usher, provider), members);
  const path = `${integration.path}/groups/${there.groupId}`;
  await usher.call("PUT", path, { name: there.name });
  await usher.call("POST", `${there.path}/members`, { remove: members.slice(0, 2) });
  await usher.call("DELETE", `/users/${members[2]}`);
  expect((await usher.call("GET", path)).body.state).toBe("in_sync");
  expect((await second.groups())[0]?.members).toHaveLength(1);
});
