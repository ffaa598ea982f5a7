import { expect, test } from "vitest";
import { call, patchOp } from "../../providers/call.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { expectMembers, givenQuirkyGroup, groupWrites, lastEventOf } from "../../support/quirks.ts";
import { addedIn, detailsOf, forget, givenGroup, useUsher } from "../../support/steps.ts";

const usher = useUsher();

const pathless = { overrides: { patchPathStyle: "pathless" } };
const put = { overrides: { updates: "put" } };

test.each<[string, Switches, object]>([
  ["without a path", { renameEmpties: "pathless" }, pathless],
  ["without a path that hides its answer", { renameEmpties: "pathless", patchAnswers204: true }, pathless],
  ["by PUT", { renameEmpties: "put" }, put],
  ["by path", { renameEmpties: "path" }, {}],
  ["by path that hides its answer", { renameEmpties: "path", patchAnswers204: true }, {}],
  ["that gives it another id", { renameEmpties: "path", idFollowsName: true }, {}],
  [
    "that gives it another id and hides its answer",
    { renameEmpties: "path", idFollowsName: true, patchAnswers204: true },
    {},
  ],
  ["without a path that gives it another id", { renameEmpties: "pathless", idFollowsName: true }, pathless],
  [
    "that marks what it reads, and hides its answer,",
    { renameEmpties: "pathless", patchAnswers204: true },
    { overrides: { patchPathStyle: "pathless", readsMarkManaged: true } },
  ],
])("those whom a rename %s takes out of the group are added again by the same call", async (_, ...quirk) => {
  const [switches, fields] = quirk;
  const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(usher, switches, fields);
  const { status, body } = await usher.call("PUT", group.path, { name: "Renamed" });
  expect([status, body.state]).toEqual([200, "in_sync"]);
  expect(groupWrites(provider)).toHaveLength(2);
  await expectMembers(usher, provider, integration, [stays, leaves]);
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed" }]);
  const event = await lastEventOf(usher, `groupId=${group.groupId}`);
  expect(addedIn(event)).toEqual([stays, leaves]);
  expect(detailsOf(event)).toContain("took 2 members out");
  forget(provider);
  expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.state).toBe("in_sync");
  expect(provider.requests).toEqual([]);
});

test("groups are renamed by path once a rename without one has taken members out", async () => {
  const { provider, integration, group, joins } = await givenQuirkyGroup(
    usher,
    { renameEmpties: "pathless" },
    pathless,
  );
  const other = await givenGroup(usher, provider, integration, [joins]);
  await usher.call("PUT", group.path, { name: "Renamed" });
  forget(provider);
  expect((await usher.call("PUT", other.path, { name: "Renamed too" })).body.state).toBe("in_sync");
  expect(provider.requests).toHaveLength(1);
  expect((await provider.groups()).map(({ members }) => members.length)).toEqual([2, 1]);
});

test.each([
  ["without a path", { renameEmpties: "pathless" } as Switches, pathless],
  ["by PUT", { renameEmpties: "put" } as Switches, put],
])("one unknown to the directory whom a rename %s takes out is added again", async (_, switches, fields) => {
  const { provider, group } = await givenQuirkyGroup(usher, switches, fields);
  const robot = await call(provider, "POST", "/Users", { userName: "robot@example.com" });
  const value = [{ value: robot.json.id }];
  await call(provider, "PATCH", `/Groups/${group.remoteId}`, patchOp({ op: "add", path: "members", value }));
  expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.state).toBe("in_sync");
  const [there] = await provider.groups();
  expect(there?.members).toHaveLength(3);
  expect(there?.members).toContain(robot.json.id);
  expect(detailsOf(await lastEventOf(usher, `groupId=${group.groupId}`))).toContain(String(robot.json.id));
});

test("a group whose lost members cannot be added again is failed, and the next call adds them", async () => {
  const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(
    usher,
    { renameEmpties: "pathless" },
    pathless,
  );
  provider.intercept = ({ method, body }) =>
    method === "PATCH" && JSON.stringify(body).includes("members") ? { status: 403, body: "{}" } : undefined;
  expect((await usher.call("PUT", group.path, { name: "Renamed" })).status).toBe(502);
  expect((await usher.call("GET", group.path)).body.state).toBe("failed");
  provider.intercept = undefined;
  expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.state).toBe("in_sync");
  await expectMembers(usher, provider, integration, [stays, leaves]);
});

test("a rename of a group that shows some of its members alone adds nobody", async () => {
  const { provider, group } = await givenQuirkyGroup(usher, {}, pathless);
  Object.assign(provider.switches, { membersShownUpTo: 1 });
  const { body } = await usher.call("PUT", group.path, { name: "Renamed" });
  expect([body.state, groupWrites(provider).length]).toEqual(["in_sync", 1]);
});

test.each([
  ["by path", { renameIgnored: "path" } as Switches, {}],
  ["without a path", { renameIgnored: "pathless" } as Switches, pathless],
])(
  "a rename %s that is ignored with 200 is sent the other way, which goes first from then on",
  async (_, switches, fields) => {
    const { provider, group } = await givenQuirkyGroup(usher, switches, fields);
    expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.state).toBe("in_sync");
    expect(groupWrites(provider)).toHaveLength(2);
    forget(provider);
    expect((await usher.call("PUT", group.path, { name: "Renamed again" })).body.state).toBe("in_sync");
    expect(groupWrites(provider)).toHaveLength(1);
    expect(await provider.groups()).toMatchObject([{ displayName: "Renamed again", members: [{}, {}] }]);
  },
);

test("a rename that is ignored with 200 says so where the other way meets a name in use", async () => {
  const { provider, group } = await givenQuirkyGroup(usher, { renameIgnored: "path" });
  await call(provider, "POST", "/Groups", { displayName: "Taken" });
  for (const _ of [1, 2]) {
    const { status, body } = await usher.call("PUT", group.path, { name: "Taken" });
    expect([status, body.detail]).toEqual([502, expect.stringContaining("The name is in use.")]);
  }
});

test("a rename that hides its answer costs one read more until one has shown that members stay", async () => {
  const { provider, group } = await givenQuirkyGroup(usher, { patchAnswers204: true });
  const reads = () => provider.requests.filter(({ path }) => path === `/Groups/${group.remoteId}`);
  expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.state).toBe("in_sync");
  expect(reads().map(({ method }) => method)).toEqual(["PATCH", "GET"]);
  forget(provider);
  expect((await usher.call("PUT", group.path, { name: "Renamed again" })).body.state).toBe("in_sync");
  expect(reads().map(({ method }) => method)).toEqual(["PATCH"]);
});

test.each(['{"status":"ok"}', "null"])(
  "a rename that is answered 200 with %s is read, and done where it shows",
  async (patchAnswersText) => {
    const { provider, group } = await givenQuirkyGroup(usher, { patchAnswersText });
    expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.state).toBe("in_sync");
    forget(provider);
    expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.state).toBe("in_sync");
    expect(provider.requests).toEqual([]);
    Object.assign(provider.switches, { ignoresOps: ["rename"] });
    expect((await usher.call("PUT", group.path, { name: "Ignored" })).status).toBe(502);
  },
);
