import { expect, test } from "vitest";
import { givenQuirkyGroup, groupWrites, remoteIdOf, withWaiting } from "../../support/quirks.ts";
import { eventsOf, eventTypesOf, expectOk, forget, useUsher } from "../../support/steps.ts";

const usher = useUsher();

/** The next PATCH of the group. */
const busy = (seconds: number) => ({ method: "PATCH", collection: "/Groups", seconds });

const givenJoining = async () => {
  const given = await givenQuirkyGroup(usher, {});
  const { provider, integration, joins } = given;
  expectOk(await usher.call("PUT", `${integration.path}/users/${joins}`));
  const remoteId = await remoteIdOf(usher, integration, joins);
  forget(provider);
  return { ...given, remoteId, at: `${integration.path}/users/${joins}` };
};

test.each([2, 6])(
  "an addition that waits %i s is not sent again for one who has left meanwhile",
  async (seconds) => {
    const given = await givenJoining();
    const { provider, group, joins, remoteId, integration } = given;
    const { other } = withWaiting(given.provider, busy(seconds), () =>
      usher.call("DELETE", `/users/${joins}`),
    );
    const added = await usher.call("POST", `${group.path}/members`, { add: [joins] });
    expect([200, 202]).toContain((await other()).status);
    expect(added.body).toMatchObject({ state: "in_sync", members: { added: 0, pending: [] } });
    expect(groupWrites(provider)).toHaveLength(1);
    expect((await provider.groups())[0]?.members).not.toContain(remoteId);
    const events = await eventsOf(
      usher,
      `groupId=${group.groupId}&integrationId=${integration.integrationId}`,
    );
    expect(events.at(-1)).toMatchObject({ success: false, event_type: "group_update_provision" });
    expect(events.at(-1)?.error_message).toContain("something newer was asked for");
    expect(added.body.eventIds).toContain(events.at(-1)?.id);
    expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });
  },
);

test("an addition that waits is sent again for the others, without the one who was taken out meanwhile", async () => {
  const given = await givenJoining();
  const { provider, group, joins, second, at, integration, remoteId } = given;
  const { other } = withWaiting(given.provider, busy(5), () => usher.call("DELETE", at));
  const added = await usher.call("POST", `${group.path}/members`, { add: [joins, second] });
  expect((await other()).body).toMatchObject({ action: "deprovisioned" });
  expect(added.body).toMatchObject({ members: { added: 1 } });
  const there = (await provider.groups())[0]?.members;
  expect(there).toContain(await remoteIdOf(usher, integration, second));
  expect(there).not.toContain(remoteId);
});

test("an addition that waits is sent again where nothing newer was asked for", async () => {
  const given = await givenJoining();
  const { provider, group, joins, second, remoteId } = given;
  const { other } = withWaiting(given.provider, busy(5), () =>
    usher.call("PUT", `/users/${second}`, { email: "n@example.com", firstname: "N", lastname: "N" }),
  );
  const added = await usher.call("POST", `${group.path}/members`, { add: [joins] });
  await other();
  expect(added.body).toMatchObject({ state: "in_sync", members: { added: 1 } });
  expect(groupWrites(provider)).toHaveLength(2);
  expect((await provider.groups())[0]?.members).toContain(remoteId);
  expect(await eventTypesOf(usher, `groupId=${group.groupId}`)).not.toContain("!group_update_provision");
});

test.each(["", "?action=delete"])(
  "an addition that waits is not sent again once the group is unbound (%s)",
  async (query) => {
    const given = await givenJoining();
    const { provider, group, joins, remoteId } = given;
    const { other } = withWaiting(given.provider, busy(5), () => usher.call("DELETE", group.path + query));
    const added = await usher.call("POST", `${group.path}/members`, { add: [joins] });
    expect((await other()).status).toBe(202);
    expect((await other()).body).toMatchObject({ state: "pending", reason: expect.any(String) });
    expect(added.body).toMatchObject({ reason: "the group is not bound" });
    expect((await provider.groups())[0]?.members).not.toContain(remoteId);
    expect(groupWrites(provider).filter(({ method }) => method === "PATCH")).toHaveLength(1);
    const again = await usher.call("DELETE", group.path + query);
    expect(again.status).toBe(200);
    expect(again.body.state).toBe(query ? "deleted" : "deprovisioned");
  },
);
