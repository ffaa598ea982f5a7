import { expect, test } from "vitest";
import { call } from "../../providers/call.ts";
import { useStoreFaults } from "../../recovery/store-faults.ts";
import { expectMembers, givenQuirky, givenQuirkyGroup } from "../../support/quirks.ts";
import {
  aPerson,
  eventTypesOf,
  expectOk,
  givenGroup,
  givenProvisioned,
  givenSaved,
  newId,
  passTime,
  replicationMs,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();
const stores = useStoreFaults();

/** An account that was created a moment ago, and that the provider does not show yet. */
const given = async () => {
  const { provider, integration } = await givenQuirky(usher, { replicationLag: true });
  return { provider, integration, ...(await givenProvisioned(usher, provider, integration)) };
};

/** The provider shows what it holds after a while, while a call is under way. */
const shownAfter = (provider: { switches: { replicationLag?: boolean } }, ms: number): void => {
  setTimeout(() => {
    provider.switches.replicationLag = false;
  }, ms);
};

test("a change of an account that is not shown yet is sent again once it is shown", async () => {
  const { provider, path, user, userId, remoteId } = await given();
  shownAfter(provider, 600);
  const answer = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  expect(answer.body).toMatchObject({ action: "updated", state: "in_sync", remoteId });
  expect(await provider.users()).toMatchObject([{ id: remoteId, resource: { title: "Engineer" } }]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "!user_update_provision",
    "user_update_provision",
  ]);
});

test.each([
  ["deprovisioned", "?action=deprovision"],
  ["deleted", "?action=delete"],
])("an account that is not shown yet does not count as %s by its 404", async (state, query) => {
  const { provider, path } = await given();
  shownAfter(provider, 600);
  expect((await usher.call("DELETE", path + query)).body).toMatchObject({ state });
  expect((await provider.users()).filter(({ active }) => active)).toEqual([]);
});

test("a leaver whose account is not shown yet is taken away once it is shown", async () => {
  const { provider, userId } = await given();
  shownAfter(provider, 600);
  expectOk(await usher.call("DELETE", `/users/${userId}`));
  expect(await provider.users()).toEqual([]);
});

test("after fifteen seconds a 404 and an empty list count: the account is made anew", async () => {
  const { provider, path, user, remoteId } = await given();
  provider.switches.allowsDuplicates = true;
  passTime(replicationMs);
  const { body } = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  expect(body).toMatchObject({ action: "created", state: "in_sync" });
  expect((await provider.users()).map(({ id }) => id)).toEqual([remoteId, body.remoteId]);
});

test("a group that is not shown yet is neither forgotten nor counted as deleted", async () => {
  const { provider, integration } = await givenQuirky(usher, {});
  const [userId = ""] = await givenSaved(usher, 1);
  expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  provider.switches.replicationLag = true;
  const path = `${integration.path}/groups/${newId("group")}`;
  shownAfter(provider, 600);
  const { body } = await usher.call("PUT", path, { name: newId("Late"), members: [userId] });
  expect(body).toMatchObject({ state: "in_sync" });
  expect((await provider.groups()).map(({ id, members }) => [id, members.length])).toEqual([
    [body.remoteId, 1],
  ]);

  provider.switches.replicationLag = true;
  shownAfter(provider, 600);
  expect((await usher.call("DELETE", `${path}?action=delete`)).body).toMatchObject({ state: "deleted" });
  expect(await provider.groups()).toEqual([]);
});

test.each([404, 400] as const)(
  "a member whose account is not shown yet, and is refused by %i, waits, keeps nobody else out and its account",
  async (unknownMember) => {
    const { provider, integration } = await givenQuirky(usher, { unknownMember });
    const [first = "", second = "", late = ""] = await givenSaved(usher, 3);
    const group = await givenGroup(usher, provider, integration, [first]);
    expectOk(await usher.call("PUT", `${integration.path}/users/${second}`));
    provider.switches.replicationLag = true;
    const add = { add: [second, late] };
    expect(await usher.call("POST", `${group.path}/members`, add)).toMatchObject({ status: 202 });
    expect((await provider.groups())[0]?.members).toHaveLength(2);

    provider.switches.replicationLag = false;
    expect((await usher.call("POST", `${group.path}/members`, add)).body).toMatchObject({ state: "in_sync" });
    expect((await provider.groups())[0]?.members).toHaveLength(3);
    expect(await provider.users()).toHaveLength(3);
  },
);

test("an account that is not shown yet is made once, whichever request to a store fails behind its creation", async () => {
  const { provider, integration } = await givenQuirky(usher, {
    replicationLag: true,
    allowsDuplicates: true,
  });
  let isMet = true;
  for (let nth = 1; isMet; nth += 1) {
    const { userId, user } = aPerson();
    const path = `${integration.path}/users/${userId}`;
    const { met } = await stores.failing(nth, "before", () => usher.call("PUT", path, user));
    isMet = met !== undefined;
    const { body } = await usher.call("PUT", path, user);
    expect([nth, body]).toMatchObject([nth, { state: "in_sync" }]);
    const there = (await provider.users()).filter(({ userName }) => userName === user.email);
    expect([nth, there.map(({ id }) => id)]).toEqual([nth, [body.remoteId]]);
  }
});

test.each(["a member joins", "the group is renamed"])(
  "a PUT of a group whose reads are behind brings nobody back who was taken out before %s",
  async (what) => {
    const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {
      noPatch: 501,
      readsBehind: 1,
    });
    expectOk(await usher.call("POST", `${group.path}/members`, { remove: [leaves] }));
    const { body } =
      what === "a member joins"
        ? await usher.call("POST", `${group.path}/members`, { add: [joins] })
        : await usher.call("PUT", group.path, { name: "Renamed" });
    expect(body.state).toBe("in_sync");
    await expectMembers(usher, provider, integration, what === "a member joins" ? [stays, joins] : [stays]);
  },
);

test("a PUT of members of a group whose reads are behind keeps the name that it was given before", async () => {
  const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {
    noPatch: 501,
    readsBehind: 1,
  });
  expectOk(await usher.call("PUT", group.path, { name: "Renamed" }));
  const { body } = await usher.call("POST", `${group.path}/members`, { add: [joins] });
  expect(body.state).toBe("in_sync");
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed" }]);
  await expectMembers(usher, provider, integration, [stays, leaves, joins]);
});

test("a PUT of a user whose reads are behind keeps what was changed before, and what is not ours", async () => {
  const { provider, integration } = await givenQuirky(usher, { noPatch: 501, readsBehind: 1 });
  const { path, user, remoteId } = await givenProvisioned(usher, provider, integration);
  const there = (await provider.users())[0]?.resource;
  const put = { ...there, nickName: "theirs" };
  await call(provider, "PUT", `/Users/${remoteId}`, put);
  await call(provider, "PUT", `/Users/${remoteId}`, { ...put, locale: "en" });
  expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Engineer" }));
  const { body } = await usher.call("PUT", path, { ...user, jobTitle: "Engineer", department: "Research" });
  expect(body.state).toBe("in_sync");
  expect((await provider.users())[0]?.resource).toMatchObject({
    title: "Engineer",
    nickName: "theirs",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "Research" },
  });
});
