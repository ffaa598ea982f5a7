import { expect, test } from "vitest";
import { startBetterAuth } from "../../providers/better-auth.ts";
import { call } from "../../providers/call.ts";
import type { TestProvider } from "../../providers/provider.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  passTime,
  replicationMs,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const providers: [string, () => Promise<TestProvider>][] = [
  ["strongDM", startStrongDm],
  ["SCIMMY", startScimmy],
  ["better-auth", startBetterAuth],
];

const given = async (start: () => Promise<TestProvider>) => {
  const provider = await givenProvider(start);
  const integration = await givenIntegration(usher, provider);
  const [returning = "", stays = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [returning, stays]);
  const userPath = (userId: string) => `${integration.path}/users/${userId}`;
  /** The accounts that the directory says are in the group, and those that are. */
  const membership = async () => {
    const statuses = [returning, stays].map((userId) => usher.call("GET", userPath(userId)));
    const wanted = (await Promise.all(statuses)).map(({ body }) => body.remoteId).toSorted();
    return { wanted, actual: (await provider.groups())[0]?.members.toSorted() };
  };
  return { provider, group, returning, stays, path: userPath(returning), membership };
};

test.each(providers)(
  "a member who is deleted from %s and brought back by PUT is in the group again",
  async (_, start) => {
    const { path, group, membership } = await given(start);
    expect((await usher.call("DELETE", `${path}?action=delete`)).body).toMatchObject({ action: "deleted" });
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "created", state: "in_sync" });
    const { body } = await usher.call("PUT", group.path, { name: group.name });
    expect(body).toMatchObject({ state: "in_sync" });
    const { wanted, actual } = await membership();
    expect(actual).toEqual(wanted);
  },
);

test.each(providers)(
  "a member whose account vanished from %s is in the group with the new one",
  async (_, start) => {
    const { provider, path, group, returning, membership } = await given(start);
    const { remoteId } = (await usher.call("GET", path)).body;
    await call(provider, "DELETE", `/Users/${remoteId}`);
    passTime(replicationMs);
    const user = (await usher.call("GET", `/users/${returning}`)).body;
    const { userId: _id, updatedAt: _at, integrations: _in, ...saved } = user;
    expect((await usher.call("PUT", path, { ...saved, jobTitle: "Back" })).body).toMatchObject({
      action: "created",
    });
    const { body } = await usher.call("PUT", group.path, { name: group.name });
    expect(body).toMatchObject({ state: "in_sync" });
    const { wanted, actual } = await membership();
    expect(actual).toEqual(wanted);
  },
);

test("a member who leaves the group and comes back is in it, with the same account", async () => {
  const { provider, path, group, returning, membership } = await given(startStrongDm);
  const before = (await usher.call("GET", path)).body.remoteId;
  await usher.call("POST", `${group.path}/members`, { remove: [returning] });
  expect((await provider.groups())[0]?.members).toHaveLength(1);
  const back = await usher.call("POST", `${group.path}/members`, { add: [returning] });
  expect(back.body).toMatchObject({ action: "updated", state: "in_sync", members: { added: 1, removed: 0 } });
  expect((await usher.call("GET", path)).body).toMatchObject({
    remoteId: before,
    active: true,
    state: "in_sync",
  });
  const { wanted, actual } = await membership();
  expect(actual).toEqual(wanted);
});

test("a suspended member is active again after reactivation, and in the group", async () => {
  const { provider, path, returning, membership } = await given(startStrongDm);
  const {
    userId: _id,
    updatedAt: _at,
    integrations: _in,
    ...saved
  } = (await usher.call("GET", `/users/${returning}`)).body;
  await usher.call("PUT", path, { ...saved, suspended: true });
  await usher.call("PUT", path, { ...saved, suspended: false });
  expect((await provider.users()).every(({ active }) => active)).toBe(true);
  const { wanted, actual } = await membership();
  expect(actual).toEqual(wanted);
});
