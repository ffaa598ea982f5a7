import { expect, test } from "vitest";
import { addPerson, call, GROUP, patchOp } from "../../providers/call.ts";
import type { TestProvider } from "../../providers/provider.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { expectMembers, givenQuirky } from "../../support/quirks.ts";
import {
  aPerson,
  bindReplacing,
  detailsOf,
  eventsOf,
  eventTypesOf,
  expectOk,
  forget,
  type GivenIntegration,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  newId,
  passTime,
  requestLines,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async (start: () => Promise<TestProvider> = startStrongDm) => {
  const provider = await givenProvider(start);
  return { provider, integration: await givenIntegration(usher, provider) };
};
/** A group that is at the provider before the integration binds one of its name. */
const existing = async (
  provider: TestProvider,
  displayName: string,
  memberIds: string[],
): Promise<string> => {
  const members = memberIds.map((value) => ({ value }));
  const { json } = await call(provider, "POST", "/Groups", { schemas: [GROUP], displayName, members });
  forget(provider);
  return String(json.id);
};
const remoteIdOf = async ({ path }: GivenIntegration, userId: string | undefined) =>
  (await usher.call("GET", `${path}/users/${userId}`)).body.remoteId;

test.each([
  ["strongDM", startStrongDm],
  ["SCIMMY", startScimmy],
])(
  "a group of the same name in %s is taken over: linked members count as pushed, foreign ones stay and are named",
  async (_, start) => {
    const { provider, integration } = await given(start);
    const linked = await givenProvisioned(usher, provider, integration);
    const leaving = await givenProvisioned(usher, provider, integration);
    const [joining = ""] = await givenSaved(usher, 1);
    const foreign = await addPerson(provider, "For", "Eign");
    const groupId = newId("group");
    const remoteId = await existing(provider, groupId, [linked.remoteId, leaving.remoteId, foreign]);

    const path = `${integration.path}/groups/${groupId}`;
    const body = { name: groupId, members: [linked.userId, joining] };
    const held = await usher.call("PUT", path, body);
    expect(held).toMatchObject({
      status: 409,
      body: { code: "deprovisions-held", count: 1, userIds: [leaving.userId], names: [expect.any(String)] },
    });
    expect(writes(provider)).toEqual([]);
    expect((await usher.call("GET", path)).status).toBe(404);
    expect((await usher.call("GET", `/groups/${groupId}`)).status).toBe(404);
    expect(await eventsOf(usher, `groupId=${groupId}`)).toEqual([]);
    forget(provider);

    const answer = await usher.call("PUT", `${path}?existing=replace&confirm=1`, body);
    expect(answer.body).toMatchObject({
      action: "adopted",
      state: "in_sync",
      remoteId,
      members: { added: 1, removed: 1, pending: [] },
    });
    expect(requestLines(provider).filter((line) => line === `GET /Groups/${remoteId}`)).toHaveLength(1);
    const [remote, ...others] = await provider.groups();
    expect(others).toEqual([]);
    expect(remote?.members.toSorted()).toEqual(
      [linked.remoteId, foreign, await remoteIdOf(integration, joining)].toSorted(),
    );
    const [event, ...rest] = await eventsOf(usher, `groupId=${groupId}`);
    expect(rest).toEqual([]);
    expect(event).toMatchObject({
      event_type: "group_update_provision",
      success: true,
      members_added: [joining],
      members_removed: [leaving.userId],
    });
    expect(detailsOf(event)).toContain(foreign);

    forget(provider);
    expect((await usher.call("PUT", path, { name: groupId })).body).toMatchObject({ action: "unchanged" });
    expect(provider.requests).toEqual([]);
  },
);

test.each([
  ["the account that becomes a user's is in the group", true],
  ["somebody has taken the account out since", false],
])(
  "a member whose account was found, in a group that was found with others, is in it once where %s",
  async (_, isStill) => {
    const { provider, integration } = await givenQuirky(usher, { duplicatesMembersOnReAdd: true });
    const [first = ""] = await givenSaved(usher, 1);
    const late = aPerson();
    const foreign = provider.addUser({ userName: late.user.email });
    const groupId = newId("group");
    const remoteId = await existing(provider, groupId, [foreign]);
    const path = `${integration.path}/groups/${groupId}`;
    expectOk(await usher.call("PUT", path, { name: groupId, members: [first] }));

    const adopted = await usher.call("PUT", `${integration.path}/users/${late.userId}`, late.user);
    expect(adopted.body).toMatchObject({ action: "adopted", remoteId: foreign });
    const removal = patchOp({ op: "remove", path: `members[value eq "${foreign}"]` });
    if (!isStill) await call(provider, "PATCH", `/Groups/${remoteId}`, removal);
    forget(provider);
    const { body } = await usher.call("POST", `${path}/members`, { add: [late.userId] });
    expect(body).toMatchObject({ state: "in_sync", members: { added: isStill ? 0 : 1 } });
    expect(provider.requests.filter(({ method }) => method === "GET")).toHaveLength(1);
    const [group] = await provider.groups();
    expect(group?.members.toSorted()).toEqual([foreign, await remoteIdOf(integration, first)].toSorted());

    const [plain = ""] = await givenSaved(usher, 1);
    expectOk(await usher.call("PUT", `${integration.path}/users/${plain}`));
    forget(provider);
    expectOk(await usher.call("POST", `${path}/members`, { add: [plain], remove: [late.userId] }));
    // One who was made by us is not looked for.
    expect(requestLines(provider)).toEqual([`PATCH /Groups/${remoteId}`]);
    expect((await provider.groups())[0]?.members).not.toContain(foreign);
  },
);

test("foreign members outlive later changes of the group", async () => {
  const { provider, integration } = await given();
  const members = await givenSaved(usher, 2);
  const foreign = await addPerson(provider, "For", "Eign");
  const groupId = newId("group");
  await existing(provider, groupId, [foreign]);
  const path = `${integration.path}/groups/${groupId}`;
  await usher.call("PUT", path, { name: groupId, members });
  await usher.call("PUT", path, { name: `${groupId} renamed`, members: members.slice(0, 1) });
  const [remote] = await provider.groups();
  expect(remote?.displayName).toBe(`${groupId} renamed`);
  expect(remote?.members.toSorted()).toEqual([foreign, await remoteIdOf(integration, members[0])].toSorted());
});

test("a group whose members cannot be read is not taken over yet: the next call reads them", async () => {
  const { provider, integration } = await given();
  const stays = await givenProvisioned(usher, provider, integration);
  const leaving = await givenProvisioned(usher, provider, integration);
  const groupId = newId("group");
  const remoteId = await existing(provider, groupId, [leaving.remoteId]);
  provider.intercept = ({ path }) =>
    path === `/Groups/${remoteId}` ? scimError(403, "Not this one.") : undefined;
  const path = `${integration.path}/groups/${groupId}`;
  const answer = await usher.call("PUT", path, { name: groupId, members: [stays.userId] });
  expect(answer.body.code).toBe("provider-rejected");
  provider.intercept = undefined;
  expect((await bindReplacing(usher, path, { name: groupId }, 1)).body).toMatchObject({
    action: "adopted",
    members: { added: 1, removed: 1 },
  });
  expect(await provider.groups()).toMatchObject([{ id: remoteId, members: [stays.remoteId] }]);
});

test("two directory groups of one name cannot share a group at the provider", async () => {
  const { provider, integration } = await given();
  const members = await givenSaved(usher, 1);
  const first = await givenGroup(usher, provider, integration, members);
  const path = `${integration.path}/groups/${newId("group")}`;
  const answer = await usher.call("PUT", path, { name: first.name, members });
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({
    code: "account-claimed",
    detail: expect.stringContaining(`unbind group ${first.groupId}, which gives it up`),
  });
  expect(await provider.groups()).toMatchObject([{ id: first.remoteId }]);
  expect((await usher.call("GET", first.path)).body).toMatchObject({ state: "in_sync" });
});

test.each<[string, Switches, object]>([
  ["shows its members", {}, {}],
  ["hides its members", { membersHiddenOnRead: true }, { overrides: { readsMembers: false } }],
])(
  "a group that was unbound and %s is given up to the next directory group of its name",
  async (_, switches, fields) => {
    const { provider, integration } = await givenQuirky(usher, switches, fields);
    const [both = "", before = "", after = ""] = await givenSaved(usher, 3);
    for (const userId of [both, before, after])
      expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
    const first = await givenGroup(usher, provider, integration, [both, before]);
    expectOk(await usher.call("DELETE", first.path));
    const path = `${integration.path}/groups/${newId("group")}`;
    const members = [both, after];
    const bound = await bindReplacing(usher, path, { name: first.name, members }, 1);
    expect(bound.body).toMatchObject({ action: "adopted", state: "in_sync", remoteId: first.remoteId });
    await expectMembers(usher, provider, integration, [both, after]);
    expect((await usher.call("GET", first.path)).body).toMatchObject({
      bound: false,
      state: "deprovisioned",
    });
    expect((await usher.call("PUT", first.path, { name: first.name })).body.code).toBe("account-claimed");
  },
);

test("a group whose deletion is not done yet is not given up", async () => {
  const { provider, integration } = await given();
  const members = await givenSaved(usher, 1);
  const first = await givenGroup(usher, provider, integration, members);
  provider.intercept = ({ method }) => (method === "DELETE" ? scimError(403, "In use.") : undefined);
  expect((await usher.call("DELETE", `${first.path}?action=delete`)).status).toBe(502);
  const path = `${integration.path}/groups/${newId("group")}`;
  expect((await usher.call("PUT", path, { name: first.name, members })).body.code).toBe("account-claimed");
});

test("of two groups of the name at the provider none is taken", async () => {
  const { provider, integration } = await given(startScimmy);
  const members = await givenSaved(usher, 1);
  const groupId = newId("group");
  await existing(provider, groupId, []);
  await existing(provider, groupId, []);
  const answer = await usher.call("PUT", `${integration.path}/groups/${groupId}`, { name: groupId, members });
  expect(answer.status).toBe(502);
  expect(answer.body).toMatchObject({ code: "provider-rejected", eventId: expect.any(String) });
  expect(writes(provider).filter(({ path }) => path.startsWith("/Groups"))).toEqual([]);
  expect(await eventTypesOf(usher, `groupId=${groupId}`)).toEqual(["!group_create_provision"]);
});

test("a failed group lookup is a failed group_create_provision; the next call goes on", async () => {
  const { provider, integration } = await given();
  const members = await givenSaved(usher, 2);
  provider.intercept = ({ path }) => (path === "/Groups" ? scimError(403, "No group access.") : undefined);
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  const answer = await usher.call("PUT", path, { name: groupId, members });
  expect(answer.status).toBe(502);
  expect(await eventTypesOf(usher, `groupId=${groupId}`)).toEqual(["!group_create_provision"]);
  expect((await usher.call("GET", path)).body).toMatchObject({
    state: "failed",
    lastError: { code: "provider-rejected", status: 403 },
  });
  expect(await provider.users()).toHaveLength(2);

  provider.intercept = undefined;
  expect((await usher.call("PUT", path, { name: groupId })).body).toMatchObject({
    action: "created",
    state: "in_sync",
    members: { added: 2 },
  });
});

test("a lost reply to the creation of a group makes no second group", async () => {
  const { provider, integration } = await given(startScimmy);
  const members = await givenSaved(usher, 2);
  let met = false;
  provider.intercept = ({ method, path }) => {
    if (met || method !== "POST" || path !== "/Groups") return undefined;
    met = true;
    return "drop-after";
  };
  const groupId = newId("group");
  const answer = await usher.call("PUT", `${integration.path}/groups/${groupId}`, { name: groupId, members });
  expect(answer.body).toMatchObject({ state: "in_sync", members: { added: 2 } });
  expect(await provider.groups()).toMatchObject([
    { displayName: groupId, members: [expect.any(String), expect.any(String)] },
  ]);
  expect(await eventTypesOf(usher, `groupId=${groupId}`)).toEqual(["group_create_provision"]);
});

test("a change of members that fails is on record, and the next call sends it again", async () => {
  const { provider, integration } = await given();
  const [one = "", two = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [one]);
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Groups") ? scimError(400, "Frozen role.") : undefined;
  const answer = await usher.call("POST", `${group.path}/members`, { add: [two] });
  expect(answer.status).toBe(502);
  expect(answer.body.detail).toContain("Frozen role.");
  const event = (await usher.call("GET", `/events/${answer.body.eventId}`)).body;
  expect(event).toMatchObject({ event_type: "group_update_provision", success: false });
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "failed" });
  const { items } = (await usher.call("GET", `${group.path}/members`)).body;
  expect(items.find((item) => item.userId === two)).toMatchObject({ state: "pending" });

  provider.intercept = undefined;
  expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
    state: "in_sync",
    members: { added: 1 },
  });
  expect((await provider.groups())[0]?.members).toHaveLength(2);
});

test("a name that another group there has cannot be taken: a failed update, and both groups stay", async () => {
  const { provider, integration } = await given();
  const members = await givenSaved(usher, 1);
  const group = await givenGroup(usher, provider, integration, members);
  const taken = newId("taken");
  await existing(provider, taken, []);
  const answer = await usher.call("PUT", group.path, { name: taken });
  expect(answer.status).toBe(502);
  expect((await provider.groups()).map(({ displayName }) => displayName).toSorted()).toEqual(
    [group.name, taken].toSorted(),
  );
  expect(await eventTypesOf(usher, `groupId=${group.groupId}`)).toEqual([
    "group_create_provision",
    "!group_update_provision",
  ]);
  expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
    state: "in_sync",
  });
});

test.each(["found", "known"])(
  "a group that is %s, and that the provider lists and has not under its id, is a failure that says so",
  async (how) => {
    const { provider, integration } = await givenQuirky(usher, {});
    const [stays = "", joins = ""] = await givenSaved(usher, 2);
    for (const userId of [stays, joins])
      expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`));
    const known = how === "known" ? await givenGroup(usher, provider, integration, [stays]) : undefined;
    const groupId = known?.groupId ?? newId("group");
    const name = known?.name ?? groupId;
    if (!known) await existing(provider, name, []);
    provider.intercept = ({ path }) => (/^\/Groups\/./.test(path) ? scimError(404, "Not found.") : undefined);
    if (known) passTime(60_000);
    forget(provider);
    const asked = { name, members: [stays, joins] };
    const { status, body } = await usher.call("PUT", `${integration.path}/groups/${groupId}`, asked);
    expect([status, body.code]).toEqual([502, "provider-malformed"]);
    expect(body.detail).toContain("lists the group under the id");
    const attempts = (await eventTypesOf(usher, `groupId=${groupId}`)).slice(known ? 1 : 0);
    expect(attempts).toEqual(Array(known ? 2 : 1).fill("!group_update_provision"));
    expect(provider.requests.length).toBeLessThanOrEqual(known ? 10 : 6);
    provider.intercept = undefined;
    expect((await usher.call("PUT", `${integration.path}/groups/${groupId}`, asked)).body.state).toBe(
      "in_sync",
    );
    expect((await provider.groups()).map(({ members }) => members.length)).toEqual([2]);
  },
);

test("an account that the provider lists and has not under its id is one failure in few requests", async () => {
  const { provider, user, userId, path } = await givenQuirky(usher, {});
  provider.addUser({ userName: user.email, externalId: userId, displayName: "Theirs" });
  provider.intercept = ({ path }) => (/^\/Users\/./.test(path) ? scimError(404, "Not found.") : undefined);
  const { status, body } = await usher.call("PUT", path, user);
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["!user_update_provision"]);
  expect(provider.requests.length).toBeLessThanOrEqual(4);
});
