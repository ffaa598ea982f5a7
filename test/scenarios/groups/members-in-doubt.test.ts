import { expect, onTestFinished, test } from "vitest";
import { call, patchOp } from "../../providers/call.ts";
import type { FaultKind } from "../../providers/quirky/faults.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { startFaultyWay } from "../../providers/quirky/way.ts";
import { expectMembers, givenQuirkyGroup, lastEventOf } from "../../support/quirks.ts";
import {
  addedIn,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  passTime,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** After so long a request without an answer is not carried out any more. */
const carryOutMs = 60_000;

const kinds: [string, { isHidden: boolean }][] = [
  ["shown", { isHidden: false }],
  ["hidden", { isHidden: true }],
];

test("an empty list of members proves no removal: the change is sent again", async () => {
  const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(usher, {});
  Object.assign(provider.switches, { membersHiddenOnRead: true });
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  let isFirst = true;
  provider.intercept = ({ method }) => {
    const answer = method === "PATCH" && isFirst ? scimError(503, "Busy.") : undefined;
    isFirst &&= answer === undefined;
    return answer;
  };
  const { body } = await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] });
  expect(body).toMatchObject({ state: "in_sync", members: { added: 1, removed: 1 } });
  await expectMembers(usher, provider, integration, [stays, joins]);
});

/** A bound group of two, one of whom is to leave, and a known user who is to join. */
const given = async ({ isHidden }: { isHidden: boolean }) => {
  const switches = { membersHiddenOnRead: isHidden, duplicatesMembersOnReAdd: !isHidden };
  const provider = await givenProvider(() => startQuirky({ switches }));
  const way = await startFaultyWay(provider, Date.now);
  onTestFinished(() => way.close());
  const overrides = isHidden ? { readsMembers: false, replaceMembers: false } : {};
  const integration = await givenIntegration(usher, provider, { baseUrl: way.baseUrl, overrides });
  const [stays = "", leaves = "", joins = ""] = await givenSaved(usher, 3);
  for (const userId of [stays, leaves, joins])
    expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
  const group = await givenGroup(usher, provider, integration, [stays, leaves]);

  const change = (body: { add?: string[]; remove?: string[] }) =>
    usher.call("POST", `${group.path}/members`, body);
  /** A change whose answers are all lost, and with `kind` of "-after" carried out. The provider is well again after it. */
  const inDoubt = async (body: Parameters<typeof change>[0], kind: FaultKind = "500-after") => {
    way.fault = (method, path) =>
      path.startsWith("/Groups/") ? (method === "PATCH" ? kind : "503-bare") : undefined;
    expect((await change(body)).body).toMatchObject({ lastError: { code: "provider-unavailable" } });
    way.fault = undefined;
    forget(provider);
  };
  const stateOf = async (userId: string) =>
    (await usher.call("GET", `${group.path}/members`)).body.items.find((item) => item.userId === userId)
      ?.state;
  return { provider, way, integration, group, stays, leaves, joins, change, inDoubt, stateOf };
};

test.each(kinds)(
  "one whose adding is in doubt is taken out, where not wanted by then and members are %s",
  async (_, kind) => {
    const { provider, integration, stays, leaves, joins, change, inDoubt, stateOf } = await given(kind);
    await inDoubt({ add: [joins] });
    await expectMembers(usher, provider, integration, [stays, leaves, joins]);
    expect(await stateOf(joins)).toBe("pending");
    expect((await change({ remove: [joins] })).body).toMatchObject({
      state: "pending",
      members: { removed: 1 },
    });
    expect(requestLines(provider)).toHaveLength(1);
    await expectMembers(usher, provider, integration, [stays, leaves]);
  },
);

test.each(kinds)(
  "one whose addition is carried out behind their removal is taken out again, told once, where members are %s",
  async (_, kind) => {
    const { provider, integration, group, stays, leaves, joins, change, inDoubt, stateOf } =
      await given(kind);
    await inDoubt({ add: [joins] }, "500-before");
    const early = await change({ remove: [joins] });
    expect([early.status, early.body]).toMatchObject([202, { state: "pending", members: { removed: 1 } }]);
    expect(early.body.reason).toContain("may still be carried out");
    expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "pending" });
    expect(await stateOf(joins)).toBe("pending");

    const { remoteId } = (await usher.call("GET", `${integration.path}/users/${joins}`)).body;
    const late = patchOp({ op: "add", path: "members", value: [{ value: remoteId }] });
    await call(provider, "PATCH", `/Groups/${group.remoteId}`, late);
    await expectMembers(usher, provider, integration, [stays, leaves, joins]);
    forget(provider);
    passTime(carryOutMs);
    const again = await usher.call("PUT", group.path, { name: group.name });
    expect([again.status, again.body]).toMatchObject([200, { state: "in_sync", members: { removed: 0 } }]);
    await expectMembers(usher, provider, integration, [stays, leaves]);
    forget(provider);
    expect((await usher.call("PUT", group.path, { name: group.name })).body.eventIds).toEqual([]);
    expect(provider.requests).toEqual([]);
  },
);

test.each(kinds)(
  "one whose removal is in doubt is in the group, where wanted again by then and members are %s",
  async (_, kind) => {
    const { provider, integration, stays, leaves, change, inDoubt } = await given(kind);
    await inDoubt({ remove: [leaves] });
    await expectMembers(usher, provider, integration, [stays]);
    expect((await change({ add: [leaves] })).body).toMatchObject({ state: "in_sync", members: { added: 1 } });
    await expectMembers(usher, provider, integration, [stays, leaves]);
  },
);

test("one whose adding or removal is in doubt is read once where members are shown, and not added twice", async () => {
  const { provider, integration, group, stays, leaves, joins, change, inDoubt, stateOf } = await given({
    isHidden: false,
  });
  await inDoubt({ add: [joins] });
  expectOk(await usher.call("PUT", group.path, { name: group.name }));
  expect(requestLines(provider)).toEqual([expect.stringMatching("^GET /Groups/")]);
  expect(addedIn(await lastEventOf(usher, `groupId=${group.groupId}`))).toEqual([joins]);
  expect(await stateOf(joins)).toBe("pushed");

  await inDoubt({ remove: [leaves] }, "503-bare");
  expectOk(await change({ add: [leaves] }));
  expect(requestLines(provider)).toEqual([expect.stringMatching("^GET /Groups/")]);
  expect(addedIn(await lastEventOf(usher, `groupId=${group.groupId}`))).toEqual([]);
  await expectMembers(usher, provider, integration, [stays, leaves, joins]);
});

test("a doubt lasts as long as the changes after it fail", async () => {
  const { provider, integration, stays, leaves, joins, change, inDoubt } = await given({ isHidden: true });
  await inDoubt({ add: [joins] });
  await inDoubt({ remove: [joins] }, "503-bare");
  await inDoubt({ remove: [leaves] }, "503-bare");
  passTime(carryOutMs);
  expectOk(await change({ add: [leaves] }));
  await expectMembers(usher, provider, integration, [stays, leaves]);
});

test("who leaves a group whose members are hidden is taken out under another base URL too, and so is one in doubt", async () => {
  const { provider, integration, stays, leaves, joins, change, inDoubt } = await given({ isHidden: true });
  await inDoubt({ add: [joins] });
  const credentials = { type: "bearer", clientSecret: provider.token };
  const moved = await usher.call("PATCH", integration.path, { baseUrl: provider.baseUrl, credentials });
  expect(moved.status).toBe(200);
  passTime(carryOutMs);
  expectOk(await change({ remove: [leaves, joins] }));
  await expectMembers(usher, provider, integration, [stays]);
});

test("one in doubt is not added unread while the provider wants no request, and keeps no other change back", async () => {
  const { provider, integration, group, stays, leaves, joins, change, inDoubt, stateOf } = await given({
    isHidden: false,
  });
  await inDoubt({ add: [joins] });
  provider.intercept = ({ method, path }) =>
    method === "GET" && path.startsWith("/Groups/")
      ? scimError(503, "Not now.", { "retry-after": "600" })
      : undefined;
  expect((await change({ remove: [leaves] })).body).toMatchObject({
    lastError: { code: "provider-unavailable" },
  });
  expect(await stateOf(joins)).toBe("pending");
  await expectMembers(usher, provider, integration, [stays, joins]);
  provider.intercept = undefined;
  expectOk(await usher.call("PUT", group.path, { name: group.name }));
  await expectMembers(usher, provider, integration, [stays, joins]);
});

test("one in doubt is added where the group cannot be read, and keeps no other change back", async () => {
  const { provider, integration, stays, leaves, joins, change, inDoubt } = await given({ isHidden: false });
  await inDoubt({ add: [joins] }, "503-bare");
  provider.intercept = ({ method, path }) =>
    method === "GET" && path.startsWith("/Groups/") ? scimError(500, "Too large.") : undefined;
  expect((await change({ remove: [leaves] })).body).toMatchObject({
    state: "in_sync",
    members: { added: 1, removed: 1 },
  });
  await expectMembers(usher, provider, integration, [stays, joins]);
});
