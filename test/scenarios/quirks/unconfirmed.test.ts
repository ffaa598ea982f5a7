import { expect, test } from "vitest";
import { call } from "../../providers/call.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import {
  expectMembers,
  givenQuirky,
  givenQuirkyGroup,
  groupWrites,
  lastEventOf,
  remoteIdOf,
  shutOut,
} from "../../support/quirks.ts";
import {
  addedIn,
  detailsOf,
  eventTypesOf,
  expectOk,
  forget,
  givenProvisioned,
  givenSaved,
  newId,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** A provider with these quirks, and an analyst there. */
const given = async (switches: Switches) => {
  const { provider, integration } = await givenQuirky(usher, switches);
  return { provider, ...(await givenProvisioned(usher, provider, integration, { jobTitle: "Analyst" })) };
};

test.each<[string, Switches, object, unknown]>([
  ["set", { ignoresOps: ["set"] }, { jobTitle: "Engineer" }, "Engineer"],
  ["cleared", { ignoresOps: ["clear"] }, { jobTitle: undefined }, null],
])(
  "a 200 for an attribute that is %s and stays leaves the user unconfirmed, said another way once by each call",
  async (_, switches, fields, expected) => {
    const { provider, path, user, userId } = await given(switches);
    const changed = { ...user, jobTitle: undefined, ...fields };
    const unconfirmed = { state: "unconfirmed", reason: expect.stringContaining("title") };
    const asked = await usher.call("PUT", path, changed);
    expect(asked.status).toBe(200);
    expect(asked.body).toMatchObject({ action: "updated", ...unconfirmed });
    expect(writes(provider)).toHaveLength(2);
    const event = await lastEventOf(usher, `userId=${userId}`);
    expect(event).toMatchObject({ event_type: "user_update_provision", success: true });
    expect(detailsOf(event)).toMatch(/^Unconfirmed: .* title\.$/m);
    expect((await usher.call("GET", path)).body).toMatchObject({
      state: "unconfirmed",
      expected: { title: expected },
      seen: { title: "Analyst" },
    });
    forget(provider);
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "updated", ...unconfirmed });
    expect(provider.requests).toHaveLength(2);
  },
);

test("what is unconfirmed ends once it is sent and shown", async () => {
  const { provider, path, user } = await given({ ignoresOps: ["set"] });
  await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  Object.assign(provider.switches, { ignoresOps: [] });
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(provider.requests).toHaveLength(1);
  const { body } = await usher.call("GET", path);
  expect(body).toMatchObject({ state: "in_sync" });
  expect([body.expected, body.seen]).toEqual([undefined, undefined]);
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged" });
  expect(provider.requests).toEqual([]);
});

test("what is shown is sent once where the directory wants it again, and nothing is unconfirmed then", async () => {
  const { provider, path, user } = await given({ ignoresOps: ["set"] });
  await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  forget(provider);
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(provider.requests).toHaveLength(1);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged" });
  expect(provider.requests).toHaveLength(1);
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "in_sync" });
});

test("what is unconfirmed stays with another change beside it, and keeps nobody's access open", async () => {
  const { provider, path, user } = await given({});
  Object.assign(provider.switches, { ignoresOps: ["set"] });
  await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  expect(
    (await usher.call("PUT", path, { ...user, jobTitle: "Engineer", suspended: true })).body,
  ).toMatchObject({
    action: "deprovisioned",
    state: "in_sync",
    active: false,
  });
  Object.assign(provider.switches, { ignoresOps: [] });
  expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Engineer" }));
  expect((await provider.users())[0]).toMatchObject({ active: true, resource: { title: "Engineer" } });
});

test("a change that is 501 as a PATCH, and shown as it was after the PUT, is unconfirmed", async () => {
  const { provider, path, user } = await given({ noPatch: 501, putKeeps: "everything" });
  expect((await usher.call("PUT", path, { ...user, jobTitle: "Engineer" })).body).toMatchObject({
    action: "updated",
    state: "unconfirmed",
  });
  expect((await usher.call("GET", path)).body).toMatchObject({ expected: { title: "Engineer" } });
  Object.assign(provider.switches, { noPatch: undefined });
  expect((await usher.call("PUT", path)).body).toMatchObject({ state: "in_sync" });
});

test("a clear that is ignored and answered without a body is read once, and said another way by the next call", async () => {
  const { provider, path, user } = await given({
    ignoresSaid: ["remove"],
    patchAnswers204: true,
    clearRefused: true,
  });
  const cleared = { ...user, jobTitle: undefined };
  expect((await usher.call("PUT", path, cleared)).body).toMatchObject({ state: "unconfirmed" });
  expect(provider.requests.map(({ method }) => method)).toEqual(["PATCH", "GET"]);
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ state: "in_sync" });
  expect(provider.requests.map(({ method }) => method)).toEqual(["PATCH", "GET"]);
  expect((await provider.users())[0]?.resource.title ?? "").toBe("");
});

test.each<[string, object]>([
  ["in another spelling", { title: "SENIOR ENGINEER" }],
  ["without the attribute", { title: undefined }],
  ["of another account", { id: "other", title: "Analyst" }],
])("a 200 %s leaves nothing unconfirmed", async (_, shown) => {
  const { provider, path, user, userId, remoteId } = await given({});
  provider.intercept = ({ method }) =>
    method === "PATCH" ? { status: 200, body: JSON.stringify({ id: remoteId, ...shown }) } : undefined;
  expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Senior engineer" }));
  expect(detailsOf(await lastEventOf(usher, `userId=${userId}`))).toBe("");
});

test.each<[string, Switches]>([
  ["true", {}],
  ['"True"', { activeAsText: true }],
])(
  "a deactivation that is ignored, and shown as %s, is a failure, and is tried again by the next call",
  async (_, switches) => {
    const { provider, path, user, userId } = await given({ ignoresOps: ["deactivate"], ...switches });
    const { status, body } = await usher.call("PUT", path, { ...user, suspended: true });
    expect([status, body.code]).toEqual([502, "provider-rejected"]);
    expect(body.detail).toContain("left the account active");
    expect((await usher.call("GET", path)).body).toMatchObject({ state: "failed", active: true });
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
      "user_create_provision",
      "!user_deprovision",
    ]);
    forget(provider);
    expect((await usher.call("PUT", path)).status).toBe(502);
    expect(provider.requests.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "GET"]);
  },
);

test("a deactivation that is ignored and answered without a body, said either way, is a failure", async () => {
  const { provider, path, user } = await given({ ignoresOps: ["deactivate"], patchAnswers204: true });
  const { status, body } = await usher.call("PUT", path, { ...user, suspended: true });
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(provider.requests.map(({ method }) => method)).toEqual(["PATCH", "GET", "PATCH", "GET"]);
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "failed", active: true });
});

test("a deactivation of an account of unknown state that is answered by showing it active is no success", async () => {
  const { provider, path, user } = await given({ ignoresOps: ["deactivate"] });
  const stop = { ...user, suspended: true };
  provider.intercept = ({ method }) => (method === "PATCH" ? { status: 503, body: "" } : undefined);
  expect((await usher.call("PUT", path, stop)).status).toBe(202);
  provider.intercept = undefined;
  expect((await usher.call("PUT", path, stop)).body.code).toBe("provider-rejected");
});

test("a deactivation whose answer is older than the account is a success", async () => {
  const { provider, path, user, remoteId } = await given({});
  await shutOut(provider, remoteId);
  provider.intercept = ({ method }) =>
    method === "PATCH" ? { status: 200, body: JSON.stringify({ id: remoteId, active: true }) } : undefined;
  expect((await usher.call("PUT", path, { ...user, suspended: true })).body).toMatchObject({
    action: "deprovisioned",
    active: false,
  });
});

test.each<[string, Switches, "joins" | "leaves"]>([
  ["added", { ignoresOps: ["addMember"] }, "joins"],
  ["removed", { ignoresOps: ["removeMember"] }, "leaves"],
])(
  "a 200 for a member who is not %s leaves the group unconfirmed, is told by its status, and is repeated by each call",
  async (_, switches, who) => {
    const { provider, group, leaves, joins } = await givenQuirkyGroup(usher, {});
    Object.assign(provider.switches, switches);
    const change = who === "joins" ? { add: [joins] } : { remove: [leaves] };
    const { status, body } = await usher.call("POST", `${group.path}/members`, change);
    expect([status, body.state]).toEqual([200, "unconfirmed"]);
    expect(body.members).toMatchObject({ added: 0, removed: 0, pending: [who === "joins" ? joins : leaves] });
    expect(body.reason).toContain("does not show");
    expect(String(body.reason).includes("readsMembers")).toBe(who === "joins");
    expect(await lastEventOf(usher, `groupId=${group.groupId}`)).toMatchObject({
      success: true,
      members_added: [],
      members_removed: [],
    });
    expect(groupWrites(provider)).toHaveLength(1);
    const told = detailsOf(await lastEventOf(usher, `groupId=${group.groupId}`));
    expect(told).toContain("Unconfirmed");
    expect(told).toContain(`member ${who === "joins" ? joins : leaves}.`);
    for (const _again of ["once", "twice"]) {
      forget(provider);
      expect((await usher.call("PUT", group.path, { name: group.name })).body.state).toBe("unconfirmed");
      expect(groupWrites(provider)).toHaveLength(1);
      expect((await usher.call("GET", group.path)).body).toMatchObject({
        state: "unconfirmed",
        ...(who === "joins"
          ? { expected: { members: { added: [joins], addedTotal: 1 } }, seen: { members: { missing: 1 } } }
          : {
              expected: { members: { removed: [leaves], removedTotal: 1 } },
              seen: { members: { present: 1 } },
            }),
      });
    }
    Object.assign(provider.switches, { ignoresOps: [] });
    expectOk(await usher.call("PUT", group.path, { name: group.name }));
    const now = (await usher.call("GET", group.path)).body;
    expect([now.state, now.expected, now.seen]).toEqual(["in_sync", undefined, undefined]);
    forget(provider);
    expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
      action: "unchanged",
      state: "in_sync",
    });
    expect(provider.requests).toEqual([]);
  },
);

test("one whom a 200 shows as not added, or not removed, is unconfirmed until the next call has changed that", async () => {
  const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {});
  Object.assign(provider.switches, { ignoresOps: ["addMember", "removeMember"] });
  const asked = await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] });
  expect([asked.status, asked.body.state]).toEqual([200, "unconfirmed"]);
  const stateOf = async (userId: string) =>
    (await usher.call("GET", `${group.path}/members`)).body.items.find((item) => item.userId === userId)
      ?.state;
  expect([await stateOf(stays), await stateOf(leaves), await stateOf(joins)]).toEqual([
    "pushed",
    "pending",
    "pending",
  ]);
  Object.assign(provider.switches, { ignoresOps: [] });
  expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
    state: "in_sync",
    members: { added: 1, removed: 1, pending: [] },
  });
  await expectMembers(usher, provider, integration, [stays, joins]);
  expect(await stateOf(joins)).toBe("pushed");
});

test("a 200 for a rename that is ignored both ways leaves the group unconfirmed, and is repeated once by each call", async () => {
  const { provider, group } = await givenQuirkyGroup(usher, { ignoresOps: ["rename"] });
  const renamed = await usher.call("PUT", group.path, { name: "Renamed" });
  expect([renamed.status, renamed.body.state]).toEqual([200, "unconfirmed"]);
  expect(renamed.body.reason).toContain("new name");
  expect(groupWrites(provider)).toHaveLength(2);
  expect(detailsOf(await lastEventOf(usher, `groupId=${group.groupId}`))).toContain("displayName");
  forget(provider);
  expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.state).toBe("unconfirmed");
  expect(provider.requests).toHaveLength(1);
  expect((await usher.call("GET", group.path)).body).toMatchObject({
    state: "unconfirmed",
    expected: { displayName: "Renamed" },
    seen: { displayName: group.name },
  });
  Object.assign(provider.switches, { ignoresOps: [] });
  expectOk(await usher.call("PUT", group.path, { name: "Renamed" }));
  expect((await usher.call("GET", group.path)).body.state).toBe("in_sync");
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed" }]);
});

test("a group that is unconfirmed for its name is in sync once the directory wants the old one again", async () => {
  const { group } = await givenQuirkyGroup(usher, { ignoresOps: ["rename"] });
  expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.state).toBe("unconfirmed");
  expect((await usher.call("PUT", group.path, { name: group.name })).body.state).toBe("in_sync");
  expect((await usher.call("GET", group.path)).body).not.toHaveProperty("expected");
});

test("members unknown there that are left out of a 200 are on record as unconfirmed", async () => {
  const { provider, integration, group, joins } = await givenQuirkyGroup(usher, { unknownMember: "ignored" });
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  await call(provider, "DELETE", `/Users/${await remoteIdOf(usher, integration, joins)}`);
  expect((await usher.call("POST", `${group.path}/members`, { add: [joins] })).body.state).toBe(
    "unconfirmed",
  );
  expect(detailsOf(await lastEventOf(usher, `groupId=${group.groupId}`))).toContain(`member ${joins}.`);
});

test("those whom the answer to a later chunk shows as not added are unconfirmed, and sent again by the next call", async () => {
  const { provider, integration } = await givenQuirky(
    usher,
    { patchesOldCopy: 3 },
    { overrides: { maxMembersPerOperation: 2 } },
  );
  const members = await givenSaved(usher, 5);
  const path = `${integration.path}/groups/${newId("group")}`;
  const { status, body } = await usher.call("PUT", path, { name: path, members });
  expect([status, body.state]).toEqual([200, "unconfirmed"]);
  expect(body.members).toMatchObject({ added: 1, pending: members.slice(0, 4) });
  const event = await lastEventOf(usher, `integrationId=${integration.integrationId}`);
  expect(addedIn(event)).toEqual(members.slice(4));
  for (const userId of members.slice(0, 4)) expect(detailsOf(event)).toContain(`member ${userId}`);
  Object.assign(provider.switches, { patchesOldCopy: 0 });
  expect((await usher.call("PUT", path, { name: path })).body).toMatchObject({
    state: "in_sync",
    members: { added: 4, pending: [] },
  });
  await expectMembers(usher, provider, integration, members);
});

test("one whom an early answer shows as not added, and a later one as added, is added", async () => {
  const { provider, integration } = await givenQuirky(
    usher,
    {},
    { overrides: { maxMembersPerOperation: 1 } },
  );
  const members = await givenSaved(usher, 2);
  const path = `${integration.path}/groups/${newId("group")}`;
  let isFirst = true;
  provider.intercept = ({ method, path: to }) => {
    if (method !== "PATCH" || !to.startsWith("/Groups/")) return undefined;
    Object.assign(provider.switches, { membersHiddenOnRead: isFirst });
    isFirst = false;
    return undefined;
  };
  expect((await usher.call("PUT", path, { name: path, members })).body).toMatchObject({
    state: "in_sync",
    members: { added: 2, pending: [] },
  });
  await expectMembers(usher, provider, integration, members);
});
