import { expect, test } from "vitest";
import { givenQuirky, remoteIdOf } from "../../support/quirks.ts";
import {
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenSaved,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** An owner, who cannot be shut out, and another user, both in two groups. */
const given = async (policies: object) => {
  const { provider, integration } = await givenQuirky(usher, { ownerStays: true }, { policies });
  const [owner = "", other = ""] = await givenSaved(usher, 2);
  expectOk(await usher.call("PUT", `${integration.path}/users/${owner}`));
  const groups = [
    await givenGroup(usher, provider, integration, [owner, other]),
    await givenGroup(usher, provider, integration, [owner]),
  ];
  const accountWrites = () =>
    writes(provider).flatMap(({ method, path }) => (path.startsWith("/Users") ? [method] : []));
  return { provider, integration, owner, other, groups, accountWrites };
};

const ways = [
  ["delete", "DELETE", "user_delete_provision"],
  ["deprovision", "PATCH", "user_deprovision"],
] as const;

test.each(ways)(
  "a leaver whose %s is refused is out of the groups, told, and not tried twice by one call",
  async (onUserDeleted, method, eventType) => {
    const { provider, integration, owner, other, groups, accountWrites } = await given({ onUserDeleted });
    const { body } = await usher.call("DELETE", `/users/${owner}`);
    expect(body.receipts).toMatchObject([
      { state: "failed", reason: expect.stringContaining("The only owner has to stay.") },
    ]);
    expect(accountWrites()).toEqual([method]);
    const types = await eventTypesOf(usher, `userId=${owner}&integrationId=${integration.integrationId}`);
    expect(types.filter((type) => type.endsWith(eventType))).toEqual([`!${eventType}`]);
    const kept = await remoteIdOf(usher, integration, other);
    expect((await provider.groups()).map(({ members }) => members)).toEqual([[kept], []]);
    expect((await usher.call("GET", `${integration.path}/users/${owner}`)).body).toMatchObject({
      state: "failed",
      active: true,
      assigned: { direct: false, groups: [] },
      lastError: { code: "provider-rejected", status: 403 },
    });

    for (const group of groups)
      expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });

    forget(provider);
    const [first] = groups;
    expect((await usher.call("PUT", first?.path ?? "", { name: first?.name })).body.state).toBe("in_sync");
    expect(provider.requests).toEqual([]);
    await usher.call("DELETE", `/users/${owner}`);
    expect(accountWrites()).toEqual([method]);
  },
);

test("one who loses the last group and cannot be shut out is tried once by a call that also fails for the group", async () => {
  const { provider, integration, owner, other, groups, accountWrites } = await given({
    onUserUnassigned: "deprovision",
  });
  await usher.call("DELETE", `${integration.path}/users/${owner}`);
  forget(provider);
  const [first] = groups;
  const [joins = ""] = await givenSaved(usher, 1);
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Groups") ? { status: 400 } : undefined;
  await usher.call("PUT", first?.path ?? "", { name: first?.name, members: [other, joins] });
  expect(accountWrites()).toEqual(["PATCH", "POST"]);
});

test("a call in two rounds names one whose account was refused in the first", async () => {
  const fields = { policies: { onUserUnassigned: "deprovision" } };
  const { provider, integration } = await givenQuirky(usher, { ownerStays: true }, fields);
  const [owner = "", other = "", joins = ""] = await givenSaved(usher, 3);
  const group = await givenGroup(usher, provider, integration, [owner]);
  expectOk(await usher.call("POST", `${group.path}/members`, { add: [other] }));
  let isMet = false;
  provider.intercept = ({ method, path }) => {
    if (isMet || method !== "PATCH" || !path.startsWith("/Groups")) return undefined;
    isMet = true;
    return { status: 400 };
  };
  const { body } = await usher.call("PUT", group.path, { name: group.name, members: [other, joins] });
  expect(isMet).toBe(true);
  expect(body).toMatchObject({ members: { failed: [{ userId: owner, code: "provider-rejected" }] } });
});

test.each(["", "?action=delete"])(
  "one whose take-out%s is refused is out of the groups, which hold the user again once assigned again",
  async (query) => {
    const { provider, integration, owner, other, groups } = await given({});
    const path = `${integration.path}/users/${owner}`;
    const { status, body } = await usher.call("DELETE", path + query);
    expect([status, body.code]).toEqual([502, "provider-rejected"]);
    for (const { groupId } of groups)
      expect((await eventTypesOf(usher, `groupId=${groupId}`)).at(-1)).toBe("group_update_provision");
    expect((await usher.call("GET", `/events/${body.eventId}`)).body.success).toBe(false);
    const kept = await remoteIdOf(usher, integration, other);
    expect((await provider.groups()).map(({ members }) => members)).toEqual([[kept], []]);
    const members = (await usher.call("GET", `${groups[0]?.path}/members`)).body.items;
    expect(members).toContainEqual(expect.objectContaining({ userId: owner, state: "pending" }));
    forget(provider);
    expect((await usher.call("DELETE", path + query)).status).toBe(502);
    expect(writes(provider)).toHaveLength(1);

    expect((await usher.call("PUT", path)).body.state).toBe("in_sync");
    const { remoteId } = (await usher.call("GET", path)).body;
    expect((await provider.groups()).map((group) => group.members.toSorted())).toEqual([
      [remoteId, kept].toSorted(),
      [remoteId],
    ]);
    for (const group of groups) expect((await usher.call("GET", group.path)).body.state).toBe("in_sync");
  },
);
