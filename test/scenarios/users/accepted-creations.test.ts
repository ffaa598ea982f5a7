import { describe, expect, test } from "vitest";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import {
  activation,
  aPerson,
  detailsOf,
  eventsOf,
  eventTypesOf,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  newId,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** A provider that carries a creation out only after so many GETs, and a user who is not there yet. */
const given = async (switches: Switches) => {
  const provider = await givenProvider(() => startQuirky({ switches }));
  const integration = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  return { provider, integration, userId, user, path: `${integration.path}/users/${userId}` };
};

const never = Number.POSITIVE_INFINITY;

describe("a user whose creation is answered 202", () => {
  test.each([0, 3])("is created once a lookup finds it, after %i more that did not", async (misses) => {
    const { provider, userId, user, path } = await given({ acceptsCreations: misses });
    const answer = await usher.call("PUT", path, user);
    expect(answer.body).toMatchObject({ action: "created", state: "in_sync", remoteId: expect.any(String) });
    expect(requestLines(provider)).toEqual([
      "GET /Users",
      "POST /Users",
      ...Array.from({ length: misses + 1 }, () => "GET /Users"),
    ]);
    expect(await provider.users()).toMatchObject([{ id: answer.body.remoteId, userName: user.email }]);
    const [event, ...others] = await eventsOf(usher, `userId=${userId}`);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ event_type: "user_create_provision", success: true });
    expect(detailsOf(event)).toContain("The provider accepted the creation and carried it out later");
  });

  test("and does not appear is a failed creation that says so, and the same call again does not make a second one", async () => {
    const { provider, userId, user, path } = await given({ acceptsCreations: 6, allowsDuplicates: true });
    const first = await usher.call("PUT", path, user);
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({
      state: "retrying",
      reason: expect.stringContaining("202 Accepted but has not shown the resource yet"),
    });
    expect(Number(first.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await usher.call("GET", path)).body).toMatchObject({ state: "retrying" });

    // It appears while the second call looks for it.
    const second = await usher.call("PUT", path);
    expect(second.body).toMatchObject({ action: "created", state: "in_sync" });
    expect(writes(provider).map(({ method }) => method)).toEqual(["POST"]);
    expect(await provider.users()).toHaveLength(1);
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
      "!user_create_provision",
      "user_create_provision",
    ]);
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged" });
  });

  test("and appears between two calls is adopted by the second", async () => {
    const { provider, user, path } = await given({ acceptsCreations: 5 });
    expect((await usher.call("PUT", path, user)).status).toBe(202);
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "adopted", state: "in_sync" });
    expect(writes(provider).map(({ method }) => method)).toEqual(["POST"]);
  });

  test("and stays away fails again without a second POST", async () => {
    const { provider, user, path } = await given({ acceptsCreations: never });
    await usher.call("PUT", path, user);
    const again = await usher.call("PUT", path);
    expect(again.body).toMatchObject({
      state: "retrying",
      reason: expect.stringMatching(/accepted the creation at 20\S+Z but has not shown the resource yet/),
    });
    expect(writes(provider)).toHaveLength(1);
  });

  test("with the resource in the answer is created without a lookup", async () => {
    const { provider, user, path } = await given({});
    provider.intercept = ({ method }) =>
      method === "POST"
        ? { status: 202, headers: { location: "/status/7" }, body: JSON.stringify({ id: "u-1" }) }
        : undefined;
    expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "created", remoteId: "u-1" });
    expect(requestLines(provider)).toEqual(["GET /Users", "POST /Users"]);
  });

  test("with nothing but an address is not taken for created: it may be that of a status page", async () => {
    const { provider, user, path } = await given({});
    provider.intercept = ({ method }) =>
      method === "POST" ? { status: 202, headers: { location: "/scim/v2/Users/7" } } : undefined;
    expect((await usher.call("PUT", path, user)).status).toBe(202);
    expect((await usher.call("GET", path)).body).not.toHaveProperty("remoteId");
  });
});

describe("a group whose creation is answered 202", () => {
  /** The one member is there already, so that the group's creation alone is accepted. */
  const givenGroupCall = async (accepting: Switches) => {
    const switches: Switches = {};
    const { provider, integration } = await given(switches);
    const { userId } = await givenProvisioned(usher, provider, integration);
    Object.assign(switches, accepting);
    const groupId = newId("group");
    const path = `${integration.path}/groups/${groupId}`;
    return { provider, groupId, body: { name: groupId, members: [userId] }, path };
  };

  test("is created once a lookup finds it", async () => {
    const { provider, groupId, body, path } = await givenGroupCall({ acceptsCreations: 2 });
    expect((await usher.call("PUT", path, body)).body).toMatchObject({ action: "created", state: "in_sync" });
    expect(requestLines(provider).filter((line) => line === "POST /Groups")).toHaveLength(1);
    expect(await provider.groups()).toMatchObject([{ displayName: groupId, members: ["id-0001"] }]);
    const [event] = await eventsOf(usher, `groupId=${groupId}`);
    expect(event).toMatchObject({ event_type: "group_create_provision", success: true });
    expect(detailsOf(event)).toContain("The provider accepted the creation and carried it out later");
  });

  test("and does not appear is a failure that says so; the same call again finds it and makes no second one", async () => {
    const { provider, body, path } = await givenGroupCall({ acceptsCreations: 6, allowsDuplicates: true });
    const first = await usher.call("PUT", path, body);
    expect(first.body).toMatchObject({
      state: "retrying",
      reason: expect.stringContaining("202 Accepted but has not shown the resource yet"),
    });
    expect((await usher.call("PUT", path, body)).body).toMatchObject({ action: "created", state: "in_sync" });
    expect(writes(provider).map(({ method }) => method)).toEqual(["POST", "PATCH"]);
    expect(await provider.groups()).toHaveLength(1);
  });
});

test("a change that is answered 202, and a removal that a read shows as well, are done, and the event tells the answer", async () => {
  const { provider, userId, user, path } = await given({ acceptsChanges: true });
  await usher.call("PUT", path, user);
  expect((await usher.call("PUT", path, { ...user, jobTitle: "Countess" })).body).toMatchObject({
    action: "updated",
    state: "in_sync",
  });
  expect((await usher.call("DELETE", `${path}?action=delete`)).body).toMatchObject({ action: "deleted" });
  expect(writes(provider).map(({ method }) => method)).toEqual(["POST", "PATCH", "DELETE"]);
  const [, ...later] = await eventsOf(usher, `userId=${userId}`);
  for (const event of later)
    expect(event).toMatchObject({ success: true, message_chain: { response_code: 202 } });
});

test("a write test that is answered 202 fails, and says how to test such a provider", async () => {
  const provider = await givenProvider(() => startQuirky({ switches: { acceptsCreations: never } }));
  const test = { mode: "write", userEmail: "usher-test@example.com" };
  const answer = await usher.call("POST", "/integrations", activation(provider, { test }));
  expect([answer.status, answer.body.code]).toEqual([422, "activation-test-failed"]);
  expect(answer.body.detail).toMatch(/202 Accepted.*test with mode read/);
  expect((await usher.call("POST", "/integrations", activation(provider))).status).toBe(201);
});

test("members are added to a group by a change that is answered 202", async () => {
  const { provider, integration } = await given({ acceptsChanges: true });
  const members = await givenSaved(usher, 2);
  const groupId = newId("group");
  const answer = await usher.call("PUT", `${integration.path}/groups/${groupId}`, { name: groupId, members });
  expect(answer.body).toMatchObject({ state: "in_sync" });
  expect((await provider.groups())[0]?.members).toHaveLength(2);
});
