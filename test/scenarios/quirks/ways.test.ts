import { expect, test } from "vitest";
import type { Quirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { expectMembers, givenQuirky, givenQuirkyGroup, groupWrites } from "../../support/quirks.ts";
import {
  expectOk,
  forget,
  givenGroup,
  givenProvisioned,
  givenSaved,
  newId,
  passTime,
  replicationMs,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** The next PATCH is answered 501, and none after it. */
const refusePatchOnce = (provider: Quirky) => {
  provider.intercept = ({ method }) => {
    if (method !== "PATCH") return undefined;
    provider.intercept = undefined;
    return scimError(501, "Not implemented.");
  };
};
const linesOf = (provider: Quirky) =>
  groupWrites(provider).map(({ method, status }) => `${method} ${status}`);

test("a rename that is 501 as a PATCH goes by PUT, and members go by PATCH as before, in every group", async () => {
  const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(usher, {
    putKeeps: "members",
  });
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  refusePatchOnce(provider);
  expectOk(await usher.call("PUT", group.path, { name: "Renamed" }));
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed" }]);
  forget(provider);
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] }));
  expect(linesOf(provider)).toEqual(["PATCH 200"]);
  await expectMembers(usher, provider, integration, [stays, joins]);
  forget(provider);
  await givenGroup(usher, provider, integration, [second]);
  expect((await provider.groups()).map(({ members }) => members.length)).toEqual([2, 1]);
});

test.each<[string, Switches]>([
  ["shows the old members", {}],
  ["shows nothing, and a read shows the old members", { oddSuccesses: true }],
])(
  "a PUT of members whose answer %s gives way to PATCH, which goes first from then on",
  async (_, switches) => {
    const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(
      usher,
      switches,
    );
    expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
    refusePatchOnce(provider);
    expectOk(await usher.call("POST", `${group.path}/members`, { add: [second] }));
    await expectMembers(usher, provider, integration, [stays, leaves, second]);
    Object.assign(provider.switches, { putKeeps: "members" });
    forget(provider);
    const changed = await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] });
    expect(changed.body).toMatchObject({ state: "in_sync", members: { added: 1, removed: 1, pending: [] } });
    expect(linesOf(provider)).toEqual([`PUT ${switches.oddSuccesses ? 204 : 200}`, "PATCH 200"]);
    await expectMembers(usher, provider, integration, [stays, second, joins]);
    forget(provider);
    expectOk(await usher.call("POST", `${group.path}/members`, { remove: [second] }));
    expect(linesOf(provider)).toEqual(["PATCH 200"]);
  },
);

test.each<[string, Switches]>([
  ["200", {}],
  ["204", { oddSuccesses: true }],
])("who is PUT into a new group with %s, and not in it, is not said to be added", async (_, switches) => {
  const { provider, integration } = await givenQuirky(usher, { ...switches, putKeeps: "members" });
  const members = await givenSaved(usher, 2);
  const path = `${integration.path}/groups/${newId("group")}`;
  provider.intercept = ({ method, path: to }) =>
    method === "PATCH" && to.startsWith("/Groups/") ? scimError(501, "Not implemented.") : undefined;
  const made = await usher.call("PUT", path, { name: path, members });
  expect([made.status, made.body.state]).toEqual([200, "unconfirmed"]);
  expect(made.body.members).toMatchObject({ added: 0, pending: members });
  expect(made.body.reason).toContain("does not show");
  expect((await usher.call("GET", path)).body.state).toBe("unconfirmed");
  provider.intercept = undefined;
  expect((await usher.call("PUT", path, { name: path })).body).toMatchObject({
    state: "in_sync",
    members: { added: 2, pending: [] },
  });
  await expectMembers(usher, provider, integration, members);
});

test("members of a new group whom an answer shows as an empty list, and a read as they are, are added", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const members = await givenSaved(usher, 2);
  const path = `${integration.path}/groups/${newId("group")}`;
  provider.intercept = ({ method, path: to }) => {
    Object.assign(provider.switches, {
      membersHiddenOnRead: method === "PATCH" && to.startsWith("/Groups/"),
    });
    return undefined;
  };
  expect((await usher.call("PUT", path, { name: path, members })).body).toMatchObject({
    state: "in_sync",
    members: { added: 2, pending: [] },
  });
  await expectMembers(usher, provider, integration, members);
});

test("members whom nothing shows are unconfirmed no longer once the integration says that they are hidden", async () => {
  const { provider, integration } = await givenQuirky(usher, { membersHiddenOnRead: true });
  const members = await givenSaved(usher, 2);
  const path = `${integration.path}/groups/${newId("group")}`;
  const { body } = await usher.call("PUT", path, { name: path, members });
  expect([body.state, String(body.reason).includes("overrides.readsMembers: false")]).toEqual([
    "unconfirmed",
    true,
  ]);
  expectOk(await usher.call("PATCH", integration.path, { overrides: { readsMembers: false } }));
  expect((await usher.call("PUT", path, { name: path })).body.state).toBe("in_sync");
  await expectMembers(usher, provider, integration, members);
});

test("a deactivation that is PUT and ignored, since one PATCH was 501, is sent by PATCH", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const { path, user } = await givenProvisioned(usher, provider, integration);
  refusePatchOnce(provider);
  expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Analyst" }));
  Object.assign(provider.switches, { putKeeps: "everything" });
  forget(provider);
  expect((await usher.call("PUT", path, { ...user, suspended: true })).body).toMatchObject({
    action: "deprovisioned",
    active: false,
  });
  expect(writes(provider).map(({ method }) => method)).toEqual(["PUT", "PATCH"]);
  expect((await provider.users())[0]?.active).toBe(false);
});

test("a new value that is PUT, since there is said to be no PATCH, and that the answer does not show is sent by PATCH", async () => {
  const { provider, integration } = await givenQuirky(usher, {
    discoveryLies: true,
    putKeeps: "everything",
  });
  const { path, user } = await givenProvisioned(usher, provider, integration);
  forget(provider);
  for (const middlename of ["Ada", "Countess"])
    expectOk(await usher.call("PUT", path, { ...user, middlename }));
  expect(writes(provider).map(({ method }) => method)).toEqual(["PUT", "PATCH", "PATCH"]);
  expect((await provider.users())[0]?.resource.name).toMatchObject({ middleName: "Countess" });
});

test.each<[string, Switches]>([
  ["404", { noGroupPut: 404 }],
  ["405", { noGroupPut: true }],
  ["501", { replaceMembers501: true }],
])(
  "a provider that says it has no PATCH, has it for groups, and answers %s to their PUT, is sent PATCHes of groups and PUTs of users",
  async (_, switches) => {
    const { provider, integration } = await givenQuirky(usher, {
      ...switches,
      noPatch: 501,
      groupsHavePatch: true,
    });
    const member = await givenProvisioned(usher, provider, integration);
    const group = await givenGroup(usher, provider, integration, [member.userId]);
    await expectMembers(usher, provider, integration, [member.userId]);
    const [joins = ""] = await givenSaved(usher, 1);
    expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
    forget(provider);
    expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins] }));
    expect(linesOf(provider)).toEqual(["PATCH 200"]);
    expectOk(await usher.call("PUT", group.path, { name: "Renamed" }));
    expect(await provider.groups()).toMatchObject([{ displayName: "Renamed", id: group.remoteId }]);
    forget(provider);
    expectOk(await usher.call("PUT", member.path, { ...member.user, jobTitle: "Analyst" }));
    expect(writes(provider).map(({ method }) => method)).toEqual(["PUT"]);
  },
);

test("a group that is gone, where only a PUT will do, is made anew, and no PATCH is tried", async () => {
  const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {
    noPatch: 501,
  });
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  provider.removeGroup(group.remoteId);
  passTime(replicationMs);
  forget(provider);
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins] }));
  expect(writes(provider).map(({ method }) => method)).not.toContain("PATCH");
  await expectMembers(usher, provider, integration, [stays, leaves, joins]);
});

test("where PATCH has no route, and is 404, users are shut out by PUT in the same call, and by PUT alone from then on", async () => {
  const { provider, integration } = await givenQuirky(usher, { noPatch: 404, noDiscovery: 404 });
  const [first, second] = [
    await givenProvisioned(usher, provider, integration),
    await givenProvisioned(usher, provider, integration),
  ];
  forget(provider);
  const shut = await usher.call("PUT", first.path, { ...first.user, suspended: true });
  expect([shut.status, shut.body.state]).toEqual([200, "in_sync"]);
  expect(writes(provider).map(({ method, status }) => `${method} ${status}`)).toEqual([
    "PATCH 404",
    "PUT 200",
  ]);
  forget(provider);
  expectOk(await usher.call("PUT", second.path, { ...second.user, suspended: true }));
  expect(writes(provider).map(({ method, status }) => `${method} ${status}`)).toEqual(["PUT 200"]);
  expect((await provider.users()).map(({ active }) => active)).toEqual([false, false]);
});

test("where PATCH has no route, and is 404, groups get their members and names by PUT, learned apart", async () => {
  const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {
    noPatch: 404,
    noDiscovery: 404,
  });
  await expectMembers(usher, provider, integration, [stays, leaves]);
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  forget(provider);
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] }));
  expect(linesOf(provider)).toEqual(["PUT 200"]);
  await expectMembers(usher, provider, integration, [stays, joins]);
  forget(provider);
  expectOk(await usher.call("PUT", group.path, { name: "Renamed" }));
  expect(linesOf(provider)).toEqual(["PATCH 404", "PUT 200"]);
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed", id: group.remoteId }]);
});

test("an account that is gone, where no PATCH was taken before, is made anew and no PUT is sent", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const { path, user, remoteId } = await givenProvisioned(usher, provider, integration);
  provider.removeUser(remoteId);
  passTime(replicationMs);
  forget(provider);
  expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Analyst" }));
  expect(writes(provider).map(({ method, status }) => `${method} ${status}`)).toEqual([
    "PATCH 404",
    "POST 201",
  ]);
});
