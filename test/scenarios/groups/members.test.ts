import { describe, expect, test } from "vitest";
import { startBetterAuth } from "../../providers/better-auth.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  eventsOf,
  eventTypesOf,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  newId,
  passTime,
  replicationMs,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

describe.each([
  ["strongDM", startStrongDm],
  ["SCIMMY", startScimmy],
  ["better-auth", startBetterAuth],
] as const)("a group in %s", (_, start) => {
  const given = async (count: number) => {
    const provider = await givenProvider(start);
    const integration = await givenIntegration(usher, provider);
    const members = await givenSaved(usher, count);
    const remoteIdsOf = async (userIds: string[]) => {
      const statuses = userIds.map((userId) => usher.call("GET", `${integration.path}/users/${userId}`));
      return (await Promise.all(statuses)).map(({ body }) => body.remoteId).toSorted();
    };
    return { provider, integration, members, remoteIdsOf };
  };

  test("is provisioned members first, then the group, then its members", async () => {
    const { provider, integration, members, remoteIdsOf } = await given(3);
    const groupId = newId("group");
    const name = `Engineering ${groupId}`;
    const path = `${integration.path}/groups/${groupId}`;
    const answer = await usher.call("PUT", path, { name, members });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      integrationId: integration.integrationId,
      groupId,
      action: "created",
      state: "in_sync",
      members: { added: 3, removed: 0, pending: [] },
    });
    expect(answer.body.eventIds).toHaveLength(4);
    const lines = requestLines(provider);
    expect(lines.lastIndexOf("POST /Users")).toBeLessThan(lines.indexOf("POST /Groups"));
    expect(lines.filter((line) => line === "POST /Groups")).toHaveLength(1);

    const [group, ...others] = await provider.groups();
    expect(others).toEqual([]);
    expect(group).toMatchObject({ id: answer.body.remoteId, displayName: name });
    expect(group?.members.toSorted()).toEqual(await remoteIdsOf(members));
    expect((await usher.call("GET", path)).body).toMatchObject({
      name,
      bound: true,
      state: "in_sync",
      desired: "active",
    });
    const { items } = (await usher.call("GET", `${path}/members`)).body;
    expect(items.map((item) => item.userId).toSorted()).toEqual(members.toSorted());
    for (const item of items) {
      expect(item).toEqual({
        userId: expect.any(String),
        state: "pushed",
        since: expect.any(String),
        by: expect.any(String),
        eventId: (await eventsOf(usher, `groupId=${groupId}`))[0]?.id,
      });
    }
  });

  test("that has not changed costs no request and leaves no event", async () => {
    const { provider, integration, members } = await given(2);
    const group = await givenGroup(usher, provider, integration, members);
    for (const body of [{ name: group.name, members }, { name: group.name }]) {
      const answer = await usher.call("PUT", group.path, body);
      expect(answer.body).toMatchObject({ action: "unchanged", state: "in_sync", eventIds: [] });
    }
    const nothing = await usher.call("POST", `${group.path}/members`, { add: members, remove: ["nobody"] });
    expect(nothing.body).toMatchObject({
      action: "unchanged",
      members: { added: 0, removed: 0, pending: [] },
    });
    expect(provider.requests).toEqual([]);
  });

  test("sends the difference of its members alone, and one who joins costs one small request", async () => {
    const { provider, integration, members, remoteIdsOf } = await given(12);
    const [newcomer = "", ...old] = members;
    const group = await givenGroup(usher, provider, integration, old);
    await usher.call("PUT", `${integration.path}/users/${newcomer}`);
    forget(provider);

    const added = await usher.call("POST", `${group.path}/members`, { add: [newcomer] });
    expect(added.body).toMatchObject({
      action: "updated",
      state: "in_sync",
      members: { added: 1, removed: 0 },
    });
    expect(requestLines(provider)).toEqual([`PATCH /Groups/${group.remoteId}`]);
    expect(provider.requests[0]?.bytes).toBeLessThan(1024);
    expect((await provider.groups())[0]?.members.toSorted()).toEqual(await remoteIdsOf(members));

    forget(provider);
    const kept = members.slice(1, 11);
    const changed = await usher.call("PUT", group.path, { name: group.name, members: kept });
    expect(changed.body).toMatchObject({ action: "updated", members: { added: 0, removed: 2 } });
    expect(writes(provider).filter(({ path }) => path.startsWith("/Groups"))).toHaveLength(1);
    expect((await provider.groups())[0]?.members.toSorted()).toEqual(await remoteIdsOf(kept));
    const event = (await eventsOf(usher, `groupId=${group.groupId}`)).at(-1);
    expect(event).toMatchObject({
      event_type: "group_update_provision",
      success: true,
      members_added: [],
      members_removed: expect.toSatisfy(
        (removed: string[]) => removed.toSorted().join() === [newcomer, members[11]].toSorted().join(),
      ),
    });
  });

  test("is renamed in one request, and its members stay", async () => {
    const { provider, integration, members } = await given(2);
    const group = await givenGroup(usher, provider, integration, members);
    const name = `Renamed ${group.groupId}`;
    const answer = await usher.call("PUT", group.path, { name });
    expect(answer.body).toMatchObject({ action: "updated", state: "in_sync", remoteId: group.remoteId });
    expect(requestLines(provider)).toEqual([`PATCH /Groups/${group.remoteId}`]);
    const [remote] = await provider.groups();
    expect(remote).toMatchObject({ id: group.remoteId, displayName: name });
    expect(remote?.members).toHaveLength(2);
    const event = (await eventsOf(usher, `groupId=${group.groupId}`)).at(-1);
    expect(event).toMatchObject({
      event_type: "group_update_provision",
      changes: [{ field: "displayName", from: group.name, to: name }],
    });
  });

  test("that was deleted there is created again with all its members", async () => {
    const { provider, integration, members, remoteIdsOf } = await given(3);
    const group = await givenGroup(usher, provider, integration, members);
    passTime(replicationMs);
    await fetch(`${provider.baseUrl}/Groups/${group.remoteId}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${provider.token}` },
    });
    forget(provider);
    const answer = await usher.call("PUT", group.path, { name: `Again ${group.groupId}` });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ action: "created", state: "in_sync", members: { added: 3 } });
    const [remote, ...others] = await provider.groups();
    expect(others).toEqual([]);
    expect(remote?.members.toSorted()).toEqual(await remoteIdsOf(members));
    expect(await eventTypesOf(usher, `groupId=${group.groupId}`)).toEqual([
      "group_create_provision",
      "!group_update_provision",
      "group_create_provision",
    ]);
  });
});
