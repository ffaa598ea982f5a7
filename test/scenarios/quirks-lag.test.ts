import { expect, test } from "vitest";
import { useStoreFaults } from "../recovery/store-faults.ts";
import { givenQuirky } from "../support/quirks.ts";
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
} from "../support/steps.ts";

const usher = useUsher();
const stores = useStoreFaults();

/** An account that was created a moment ago, and that the provider does not show yet. */
const given = async () => {
  const { provider, integration } = await givenQuirky(usher, { replicationLag: true });
  return { provider, integration, ...(await givenProvisioned(usher, provider, integration)) };
};

const passing = { status: 503, body: { code: "provider-unavailable" } };

test("a change of an account that is not shown yet fails for now, and the account stays known", async () => {
  const { provider, path, user, remoteId } = await given();
  const changed = { ...user, jobTitle: "Engineer" };
  const answer = await usher.call("PUT", path, changed);
  expect(answer).toMatchObject(passing);
  expect(answer.headers.get("retry-after")).toBe("30");
  expect(answer.text).toMatch(/404.* its data may lag behind/);
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "failed", remoteId });

  provider.switches.replicationLag = false;
  expect((await usher.call("PUT", path, changed)).body).toMatchObject({ action: "updated", remoteId });
  expect(await provider.users()).toMatchObject([{ id: remoteId, resource: { title: "Engineer" } }]);
});

test.each([
  ["deprovisioned", "?action=deprovision", "user_deprovision"],
  ["deleted", "?action=delete", "user_delete_provision"],
])("an account that is not shown yet does not count as %s by its 404", async (state, query, type) => {
  const { provider, path, userId, remoteId } = await given();
  expect(await usher.call("DELETE", path + query)).toMatchObject(passing);
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "failed", remoteId });
  expect((await eventTypesOf(usher, `userId=${userId}`)).at(-1)).toBe(`!${type}`);

  provider.switches.replicationLag = false;
  expect((await usher.call("DELETE", path + query)).body).toMatchObject({ state });
  expect((await provider.users()).filter(({ active }) => active)).toEqual([]);
});

test("a leaver whose account is not shown yet is open until it was really taken away", async () => {
  const { provider, userId } = await given();
  const { body } = await usher.call("DELETE", `/users/${userId}`);
  expect(body.receipts).toMatchObject([{ state: "failed" }]);
  provider.switches.replicationLag = false;
  expectOk(await usher.call("DELETE", `/users/${userId}`));
  expect(await provider.users()).toEqual([]);
});

test("after five minutes a 404 and an empty list count: the account is made anew", async () => {
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
  const body = { name: newId("Late"), members: [userId] };
  for (const _ of ["at once", "again"]) expect(await usher.call("PUT", path, body)).toMatchObject(passing);
  const { remoteId, state } = (await usher.call("GET", path)).body;
  expect([state, (await provider.groups()).map(({ id }) => id)]).toEqual(["failed", [remoteId]]);
  expect(await usher.call("DELETE", `${path}?action=delete`)).toMatchObject(passing);

  provider.switches.replicationLag = false;
  expect((await usher.call("PUT", path, body)).body).toMatchObject({ state: "in_sync", remoteId });
  expect((await provider.groups()).map(({ members }) => members.length)).toEqual([1]);
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
