import { expect, test } from "vitest";
import { call, patchOp } from "../../providers/call.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { expectMembers, givenQuirkyGroup, lastEventOf, remoteIdOf, shutOut } from "../../support/quirks.ts";
import {
  aPerson,
  detailsOf,
  expectOk,
  forget,
  givenSaved,
  passTime,
  replicationMs,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

test.each<[string, Switches]>([
  ["404", { unknownMember: 404 }],
  ["400", { unknownMember: 400 }],
  ["409", { unknownMember: 409 }],
  ["500", { unknownMember: 500 }],
])("a member whose account is gone, refused by %s, comes with a new account", async (_, switches) => {
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
});

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
    expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
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

test.each<[string, number, Record<string, string>, string]>([
  ["401", 401, {}, "provider-rejected"],
  ["403 with a Retry-After", 403, { "retry-after": "600" }, "provider-unavailable"],
])(
  "a change that is refused by %s is sent once, and no member is looked at",
  async (_, status, headers, code) => {
    const { provider, integration, group, joins, second } = await givenQuirkyGroup(usher, {});
    for (const userId of [joins, second])
      expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
    forget(provider);
    provider.intercept = ({ path }) =>
      path.startsWith("/Groups") ? scimError(status, "No.", headers) : undefined;
    const refused = await usher.call("POST", `${group.path}/members`, { add: [joins, second] });
    expect(refused.body).toMatchObject(
      status === 401 ? { code } : { state: "retrying", lastError: { code } },
    );
    expect(provider.requests.map(({ method }) => method)).toEqual(["PATCH"]);
  },
);

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

test("a refused member whose account was shut out there comes once it is open again", async () => {
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

test("where a PUT that holds an inactive member is refused, others join and leave, and the member is in it once active", async () => {
  const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {
    inactiveMemberRefused: true,
    noPatch: 405,
  });
  const { user } = aPerson();
  expectOk(await usher.call("PUT", `${integration.path}/users/${stays}`, { ...user, suspended: true }));
  const changed = await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] });
  expect(changed.status).toBe(200);
  await expectMembers(usher, provider, integration, [joins]);
  expectOk(await usher.call("PUT", group.path, { name: "Renamed" }));
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed" }]);
  expectOk(await usher.call("PUT", `${integration.path}/users/${stays}`, user));
  expect((await usher.call("PUT", group.path, { name: "Renamed" })).body).toMatchObject({ state: "in_sync" });
  await expectMembers(usher, provider, integration, [joins, stays]);
});

/**
 * A group of two and `count` who are provisioned; the provider answers `status` to each change that adds one of `whom`.
 */
const givenRefusing = async (count: number, status: number, fields: object = {}, switches: Switches = {}) => {
  const given = await givenQuirkyGroup(usher, switches, fields);
  const { provider, integration } = given;
  const joining = await givenSaved(usher, count);
  for (const userId of joining) expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  forget(provider);
  const refuse = (remoteIds: string[]) => {
    provider.intercept = ({ method, path, body }) =>
      method === "PATCH" &&
      path.startsWith("/Groups") &&
      remoteIds.some((one) => JSON.stringify(body).includes(`"${one}"`))
        ? scimError(status, "This one cannot be in the group.")
        : undefined;
  };
  return { ...given, joining, refuse };
};

const hidden = { readsMembers: false, replaceMembers: false };

test.each<[string, number, object, Switches]>([
  ["400", 400, {}, {}],
  ["403", 403, {}, {}],
  ["409", 409, {}, {}],
  ["500, and members are shown", 500, {}, {}],
  ["500, and members are hidden", 500, { overrides: hidden }, { membersHiddenOnRead: true }],
  ["502", 502, {}, {}],
])(
  "a member whom alone the provider refuses by %s is named and keeps nobody else out",
  async (_, status, fields, switches) => {
    const { provider, integration, group, stays, leaves, joining, refuse } = await givenRefusing(
      16,
      status,
      fields,
      switches,
    );
    const [bad = "", ...others] = joining;
    refuse([await remoteIdOf(usher, integration, bad)]);
    const change = { add: joining, remove: [leaves] };
    const { body } = await usher.call("POST", `${group.path}/members`, change);
    expect(body.detail ?? body.reason).toContain("This one cannot be in the group.");
    await expectMembers(usher, provider, integration, [stays, ...others]);
    expect(provider.requests.filter(({ method }) => method === "PATCH").length).toBeLessThanOrEqual(
      2 * Math.ceil(Math.log2(18)) + 2 + (status >= 500 ? 3 : 0) + 1,
    );
    const event = await lastEventOf(usher, `groupId=${group.groupId}`);
    expect(event).toMatchObject({ success: false });
    expect(event?.members_added).toHaveLength(others.length);
    expect(detailsOf(event)).toContain(`refuses the change for these members alone: ${bad}.`);
    const state = status >= 500 ? "retrying" : "failed";
    expect((await usher.call("GET", group.path)).body).toMatchObject({ state });

    provider.intercept = undefined;
    expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
      state: "in_sync",
      members: { added: 1 },
    });
    await expectMembers(usher, provider, integration, [stays, ...joining]);
  },
);

test.each([400, 403, 500])(
  "a provider that answers %i to every change of a group is sent few, however many members",
  async (status) => {
    const { provider, group, joining } = await givenRefusing(64, status);
    provider.intercept = ({ method, path }) =>
      method === "PATCH" && path.startsWith("/Groups") ? scimError(status, "No.") : undefined;
    const { body } = await usher.call("POST", `${group.path}/members`, { add: joining });
    expect(body.detail ?? body.reason).toContain("No.");
    expect(provider.requests.filter(({ method }) => method === "PATCH").length).toBeLessThanOrEqual(22);
    expect(provider.requests.length).toBeLessThanOrEqual(50);
  },
);

test("two members whom alone the provider refuses are both named, and the others get in", async () => {
  const { provider, integration, group, stays, leaves, joining, refuse } = await givenRefusing(12, 400);
  const bad = [joining[3] ?? "", joining[9] ?? ""];
  refuse(await Promise.all(bad.map((userId) => remoteIdOf(usher, integration, userId))));
  await usher.call("POST", `${group.path}/members`, { add: joining });
  const others = joining.filter((userId) => !bad.includes(userId));
  await expectMembers(usher, provider, integration, [stays, leaves, ...others]);
  const words = detailsOf(await lastEventOf(usher, `groupId=${group.groupId}`));
  for (const userId of bad) expect(words).toContain(userId);
});

/** A group of eight, of whom the provider shows the first three by now, and one more who is provisioned. */
const givenCut = async (switches: Switches = {}) => {
  const given = await givenQuirkyGroup(usher, switches);
  const { provider, integration, group, joins } = given;
  const more = await givenSaved(usher, 6);
  expectOk(await usher.call("POST", `${group.path}/members`, { add: more }));
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  provider.switches.membersShownUpTo = 3;
  forget(provider);
  return { ...given, more };
};

test("a removal is sent again after its reply was lost where the provider shows some of the members alone", async () => {
  const { provider, integration, group, stays, leaves, joins, more } = await givenCut();
  const [out = "", ...others] = more.toReversed();
  provider.intercept = ({ method, path }) => {
    if (method !== "PATCH" || !path.startsWith("/Groups")) return undefined;
    provider.intercept = undefined;
    return scimError(503, "Busy.");
  };
  const { body } = await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [out] });
  expect(body).toMatchObject({ state: "in_sync", members: { added: 1, removed: 1, pending: [] } });
  await expectMembers(usher, provider, integration, [stays, leaves, joins, ...others]);
});

test("one whom a cut list of members does not show after a 2xx has joined, without a doubt and without a repeat", async () => {
  const { provider, group, joins } = await givenCut();
  const { body } = await usher.call("POST", `${group.path}/members`, { add: [joins] });
  expect(body).toMatchObject({ state: "in_sync", members: { added: 1, pending: [] } });
  expect(detailsOf(await lastEventOf(usher, `groupId=${group.groupId}`))).not.toContain("Unconfirmed");
  expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
    action: "unchanged",
  });
  expect(provider.requests.filter(({ path }) => path.startsWith("/Groups"))).toHaveLength(1);
});

test("a PUT keeps the members of a group that shows some of them alone", async () => {
  const { provider, integration, group, stays, leaves, joins, more } = await givenCut({ noPatch: 501 });
  expectOk(await usher.call("PUT", group.path, { name: "Renamed" }));
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed" }]);
  await expectMembers(usher, provider, integration, [stays, leaves, ...more]);
  const [out = "", ...others] = more.toReversed();
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [out] }));
  await expectMembers(usher, provider, integration, [stays, leaves, joins, ...others]);
});

test.each<[string, Switches, "in_sync" | "failed"]>([
  ["400, and the others are shown", { strangerLeaver: 400 }, "in_sync"],
  ["404, and the others are shown", { strangerLeaver: 404 }, "in_sync"],
  ["400, and members are hidden", { strangerLeaver: 400, membersHiddenOnRead: true }, "failed"],
])("a removal of one who is no member there, refused by %s, leaves the group %s", async (...quirk) => {
  const [, switches, state] = quirk;
  const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {});
  const path = `members[value eq "${await remoteIdOf(usher, integration, leaves)}"]`;
  await call(provider, "PATCH", `/Groups/${group.remoteId}`, patchOp({ op: "remove", path }));
  Object.assign(provider.switches, switches);
  await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] });
  expect((await usher.call("GET", group.path)).body.state).toBe(state);
  await expectMembers(usher, provider, integration, [stays, joins]);
});

test("a 404 to a removal counts for the last member of a group that shows nobody", async () => {
  const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(usher, {});
  expectOk(await usher.call("POST", `${group.path}/members`, { remove: [stays] }));
  const path = `members[value eq "${await remoteIdOf(usher, integration, leaves)}"]`;
  await call(provider, "PATCH", `/Groups/${group.remoteId}`, patchOp({ op: "remove", path }));
  provider.switches.strangerLeaver = 404;
  const { body } = await usher.call("POST", `${group.path}/members`, { remove: [leaves] });
  expect([body.state, body.members]).toEqual(["in_sync", expect.objectContaining({ removed: 1 })]);
});

test("members beyond the page that a group shows of itself are in it, in one call and in the next", async () => {
  const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(usher, {
    membersShownUpTo: 20,
  });
  const more = await givenSaved(usher, 24);
  const { body } = await usher.call("POST", `${group.path}/members`, { add: more.slice(0, 21) });
  expect([body.state, body.members]).toEqual(["in_sync", expect.objectContaining({ added: 21 })]);
  const { body: next } = await usher.call("POST", `${group.path}/members`, { add: more.slice(21) });
  expect(next.state).toBe("in_sync");
  await expectMembers(usher, provider, integration, [stays, leaves, ...more]);
});

test("members of whom nothing proves that they are hidden are unconfirmed until the integration says so", async () => {
  const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(usher, {
    membersShownUpTo: 7,
  });
  const more = await givenSaved(usher, 8);
  const { status, body } = await usher.call("POST", `${group.path}/members`, { add: more });
  expect([status, body.state]).toEqual([200, "unconfirmed"]);
  expect(body.reason).toContain("overrides.readsMembers: false");
  expect((await usher.call("GET", group.path)).body.expected).toEqual({
    members: { added: more.slice(5), addedTotal: 3 },
  });
  expectOk(await usher.call("PATCH", integration.path, { overrides: { readsMembers: false } }));
  expect((await usher.call("PUT", group.path, { name: group.name })).body.state).toBe("in_sync");
  await expectMembers(usher, provider, integration, [stays, leaves, ...more]);
});
