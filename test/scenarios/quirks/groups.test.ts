import { expect, test } from "vitest";
import { quirkyProfiles } from "../../providers/quirky/profiles.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { expectMembers, givenQuirkyGroup, groupWrites, remoteIdOf } from "../../support/quirks.ts";
import { expectOk, forget, givenSaved, useUsher } from "../../support/steps.ts";

const usher = useUsher();

const valueList = { overrides: { memberRemoveStyle: "valueList" } };

test("members leave by a PUT where the filter of a PATCH is refused, by it first from then on, and join by PATCH", async () => {
  const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(usher, {
    removesByValueList: true,
  });
  const lines = () => groupWrites(provider).map(({ method, status }) => `${method} ${status}`);
  forget(provider);
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] }));
  expect(lines()).toEqual(["PATCH 400", "PUT 200", "PATCH 200"]);
  await expectMembers(usher, provider, integration, [stays, joins]);
  forget(provider);
  expectOk(await usher.call("POST", `${group.path}/members`, { remove: [joins] }));
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [second] }));
  expect(lines()).toEqual(["PUT 200", "PATCH 200"]);
  await expectMembers(usher, provider, integration, [stays, second]);
});

test("where neither a PATCH by filter nor a PUT takes members out, the failure names the overrides", async () => {
  const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(usher, {
    removesByValueList: true,
    noGroupPut: true,
  });
  const { status, body } = await usher.call("POST", `${group.path}/members`, { remove: [leaves] });
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(body.detail).toContain("memberRemoveStyle");
  await expectMembers(usher, provider, integration, [stays, leaves]);
});

const plainJson = { overrides: { contentType: "application/json" } };
const small = { overrides: { maxMembersPerOperation: 2 } };
test.each<[string, Switches, object]>([
  ["hides members and takes no PUT (AWS)", quirkyProfiles["aws-idc"], { profile: "aws-identity-center" }],
  ["takes two members at once", { maxMembersPerOp: 2 }, small],
  ["finds a request too large (Miro)", { membersTooLarge413At: 1 }, {}],
  ["takes a list of those who leave", { removesByValueList: true }, valueList],
  ["shows members although they are excluded", { showsMembersAlways: true }, {}],
  ["answers 204", { patchAnswers204: true }, {}],
  ["has numbers for ids", quirkyProfiles["numeric-id"], {}],
  ["has ids with & and / (Zoom)", { awkwardIds: true, contentTypeJson: true }, plainJson],
  ["shows schemas as text", { schemasAsString: true, numericStatus: true }, {}],
  ["answers a lookup without a match with 404", quirkyProfiles["member-lax"], {}],
  ["redirects by 308", quirkyProfiles["relative-redirect"], {}],
  ["has no discovery", quirkyProfiles["no-discovery"], {}],
  ["has no PATCH and does not say so", { noPatch: 501, noDiscovery: 404 }, {}],
  ["asks for If-Match on each change", { etag412: "always" }, {}],
])("a group and its members end as the directory says at a provider that %s", async (_, switches, fields) => {
  const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(
    usher,
    switches,
    fields,
  );
  await expectMembers(usher, provider, integration, [stays, leaves]);
  const changed = await usher.call("PUT", group.path, { name: "Renamed", members: [stays, joins, second] });
  expect(changed.body).toMatchObject({ state: "in_sync", members: { added: 2, removed: 1, pending: [] } });
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed" }]);
  await expectMembers(usher, provider, integration, [stays, joins, second]);

  const user = (await usher.call("GET", `/users/${stays}`)).body;
  const { userId: _id, updatedAt: _at, integrations: _in, ...saved } = user;
  const path = `${integration.path}/users/${stays}`;
  expect((await usher.call("PUT", path, { ...saved, jobTitle: "Engineer" })).body).toMatchObject({
    action: "updated",
    state: "in_sync",
  });
  forget(provider);
  expect((await usher.call("PUT", group.path, { name: "Renamed" })).body.action).toBe("unchanged");
  expect(provider.requests).toEqual([]);
  expect((await usher.call("DELETE", `${group.path}?action=delete`)).body.action).toBe("deleted");
  expect(await provider.groups()).toEqual([]);
});

test("PUT of a group that is 501 gives way to PATCH, and from then on PATCH goes first", async () => {
  const lies = { replaceMembers501: true, discoveryLies: true };
  const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(usher, lies);
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins], remove: [leaves] }));
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [second] }));
  expect(groupWrites(provider).map(({ method }) => method)).toEqual(["PATCH", "PATCH"]);
  await expectMembers(usher, provider, integration, [stays, joins, second]);
});

test("PATCH that is 501 gives way to PUT, and from then on PUT goes first", async () => {
  const { provider, integration, group, joins, second } = await givenQuirkyGroup(usher, {
    noPatch: 501,
    noDiscovery: 404,
  });
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins] }));
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [second] }));
  expect(groupWrites(provider).map(({ method, status }) => `${method} ${status}`)).toEqual([
    "PUT 200",
    "PUT 200",
  ]);
  expect((await provider.groups())[0]?.members).toHaveLength(4);
  expect(await remoteIdOf(usher, integration, joins)).toBeDefined();
});

test("a PUT takes nobody out of a group that does not show its members", async () => {
  const { provider, integration, group, stays, leaves, joins, second } = await givenQuirkyGroup(
    usher,
    { noPatch: 501, noDiscovery: 404 },
    { overrides: { maxMembersPerOperation: 2 } },
  );
  Object.assign(provider.switches, { membersHiddenOnRead: true });
  await expectMembers(usher, provider, integration, [stays, leaves]);
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins, second], remove: [leaves] }));
  await expectMembers(usher, provider, integration, [stays, joins, second]);
  expectOk(await usher.call("PUT", group.path, { name: "Renamed" }));
  await expectMembers(usher, provider, integration, [stays, joins, second]);
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed" }]);
});

test("where members are hidden, the difference is from what was sent before", async () => {
  const { provider, integration, group, stays, leaves, joins } = await givenQuirkyGroup(
    usher,
    quirkyProfiles["aws-idc"],
    {
      profile: "aws-identity-center",
    },
  );
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [joins] }));
  expectOk(await usher.call("PUT", group.path, { name: group.name, members: [joins, stays] }));
  expect(groupWrites(provider).map(({ body }) => (body as { Operations: unknown[] }).Operations)).toEqual([
    [{ op: "add", path: "members", value: [{ value: await remoteIdOf(usher, integration, joins) }] }],
    [{ op: "remove", path: `members[value eq "${await remoteIdOf(usher, integration, leaves)}"]` }],
  ]);
});

test("changes of one group at once lose none at a provider that forgets the earlier of two", async () => {
  const { provider, integration, group, stays, leaves } = await givenQuirkyGroup(
    usher,
    quirkyProfiles["keycloak-501"],
  );
  const joining = await givenSaved(usher, 6);
  /** Who is told that others are at it calls again. */
  const join = async (userId: string): Promise<void> => {
    const { status } = await usher.call("POST", `${group.path}/members`, { add: [userId] });
    if (status === 409) await join(userId);
  };
  await Promise.all(joining.map(join));
  expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
    state: "in_sync",
  });
  await expectMembers(usher, provider, integration, [stays, leaves, ...joining]);
});
