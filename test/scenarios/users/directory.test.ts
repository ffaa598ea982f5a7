import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async () => {
  const provider = await givenProvider(startStrongDm);
  return { provider, integration: await givenIntegration(usher, provider) };
};

test("a user who is saved reaches every integration that holds the user by itself, and no other", async () => {
  const [one, two, three] = [await given(), await given(), await given()];
  const { userId, user, path } = await givenProvisioned(usher, one.provider, one.integration);
  await usher.call("PUT", `${two.integration.path}/users/${userId}`);
  two.provider.requests.length = 0;

  const saved = await usher.call("PUT", `/users/${userId}`, { ...user, jobTitle: "Engineer" });
  expect(saved.status).toBe(200);
  expect(saved.body).toMatchObject({ userId, ...user, jobTitle: "Engineer" });
  const stateIn = async ({ integration }: typeof one) =>
    (await usher.call("GET", `${integration.path}/users/${userId}`)).body.state;
  for (const { provider } of [one, two])
    await until(async () => (await provider.users())[0]?.resource.title === "Engineer");
  await until(async () => (await stateIn(one)) === "in_sync" && (await stateIn(two)) === "in_sync");
  expect(three.provider.requests).toEqual([]);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged", state: "in_sync" });
  const { integrations } = (await usher.call("GET", `/users/${userId}`)).body;
  expect(integrations).toHaveLength(2);
  expect(integrations).toEqual(
    expect.arrayContaining([
      {
        integrationId: one.integration.integrationId,
        state: "in_sync",
        active: true,
        direct: true,
        groups: [],
      },
      {
        integrationId: two.integration.integrationId,
        state: "in_sync",
        active: true,
        direct: true,
        groups: [],
      },
    ]),
  );
  expect((await usher.call("GET", `${three.integration.path}/users/${userId}`)).status).toBe(404);
});

test("a user read back tells which groups hold them", async () => {
  const { provider, integration } = await given();
  const [userId = ""] = await givenSaved(usher, 1);
  const group = await givenGroup(usher, provider, integration, [userId]);
  expect((await usher.call("GET", `/users/${userId}`)).body.integrations).toEqual([
    {
      integrationId: integration.integrationId,
      state: "in_sync",
      active: true,
      direct: false,
      groups: [group.groupId],
    },
  ]);
});

test("a saved user is the body, whole: what it no longer has is gone", async () => {
  const { userId, user } = aPerson({ jobTitle: "Engineer", department: "R&D" });
  await usher.call("PUT", `/users/${userId}`, user);
  const { department: _, ...rest } = user;
  await usher.call("PUT", `/users/${userId}`, rest);
  const { body } = await usher.call("GET", `/users/${userId}`);
  expect(body).toEqual({ userId, ...rest, updatedAt: expect.any(String), integrations: [] });
});

test("users are found by e-mail, whatever its case, and listed in pages", async () => {
  const ids = await givenSaved(usher, 3);
  const { email } = (await usher.call("GET", `/users/${ids[0]}`)).body;
  const found = await usher.call("GET", `/users?email=${encodeURIComponent(String(email))}`);
  expect(found.body.items.map(({ userId }) => userId)).toEqual([ids[0]]);
  const upper = await usher.call("GET", `/users?email=${encodeURIComponent(String(email).toUpperCase())}`);
  expect(upper.body.items.map(({ userId }) => userId)).toEqual([ids[0]]);
  expect((await usher.call("GET", "/users?email=nobody%40example.com")).body.items).toEqual([]);

  const seen: unknown[] = [];
  let cursor = "";
  do {
    const { body } = await usher.call("GET", `/users?limit=2${cursor}`);
    expect(body.items.length).toBeLessThanOrEqual(2);
    seen.push(...body.items.map(({ userId }) => userId));
    cursor = body.nextCursor === undefined ? "" : `&cursor=${encodeURIComponent(body.nextCursor)}`;
  } while (cursor !== "");
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining(ids));
});

test("a moved e-mail is found under the new one alone", async () => {
  const { userId, user } = aPerson();
  await usher.call("PUT", `/users/${userId}`, user);
  await usher.call("PUT", `/users/${userId}`, { ...user, email: `moved.${user.email}` });
  const idsOf = async (email: string) =>
    (await usher.call("GET", `/users?email=${email}`)).body.items.map((item) => item.userId);
  expect(await idsOf(user.email)).toEqual([]);
  expect(await idsOf(`moved.${user.email}`)).toEqual([userId]);
});

test("ids of every allowed character work, of 128 characters too", async () => {
  const { provider, integration } = await given();
  for (const userId of ["a+b@c:d_e-f.g", "x".repeat(128), "..."]) {
    const { user } = aPerson();
    const encoded = encodeURIComponent(userId);
    const answer = await usher.call("PUT", `${integration.path}/users/${encoded}`, user);
    expect(answer.body).toMatchObject({ userId, action: "created" });
    expect((await usher.call("GET", `/users/${encoded}`)).body.userId).toBe(userId);
    expect((await usher.call("GET", `${integration.path}/users/${encoded}`)).body.userId).toBe(userId);
  }
  expect(await provider.users()).toHaveLength(3);
});

test("the status tells desired state, times and the last error, and a success clears the error", async () => {
  const { provider, integration } = await given();
  const { path, user, userId, remoteId } = await givenProvisioned(usher, provider, integration);
  const first = (await usher.call("GET", path)).body;
  expect(first).toMatchObject({
    integrationId: integration.integrationId,
    userId,
    state: "in_sync",
    desired: "active",
    assigned: { direct: true, groups: [] },
    remoteId,
    active: true,
    attempts: 1,
    since: expect.any(String),
    lastEventId: expect.any(String),
  });
  expect(first.lastSuccessAt).toBe(first.lastAttemptAt);

  provider.intercept = () => scimError(400, "Titles are too long here.");
  const failed = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  const second = (await usher.call("GET", path)).body;
  expect(second).toMatchObject({
    state: "failed",
    desired: "active",
    attempts: 2,
    lastSuccessAt: first.lastSuccessAt,
    lastEventId: failed.body.eventId,
    lastError: {
      code: "provider-rejected",
      status: 400,
      detail: expect.stringContaining("Titles are too long here."),
    },
  });
  expect(String(second.lastAttemptAt) > String(first.lastAttemptAt)).toBe(true);

  provider.intercept = undefined;
  await usher.call("PUT", path, user);
  const third = (await usher.call("GET", path)).body;
  expect(third.state).toBe("in_sync");
  expect(third.lastError).toBeUndefined();
});

test("the one user who failed among many is on the first page of those who failed", async () => {
  const { provider, integration } = await given();
  const good: string[] = await givenSaved(usher, 30);
  await givenGroup(usher, provider, integration, good);
  const [bad = ""] = await givenSaved(usher, 1);
  provider.intercept = ({ method }) => (method === "POST" ? scimError(400, "No.") : undefined);
  await usher.call("PUT", `${integration.path}/users/${bad}`);
  for (const limit of [1, 5, 30, 500]) {
    const { body } = await usher.call("GET", `${integration.path}/users?state=failed&limit=${limit}`);
    expect(body.items.map(({ userId }) => userId)).toEqual([bad]);
    expect((await usher.call("GET", `${integration.path}/groups?state=failed&limit=1`)).body).toEqual({
      items: [],
    });
    const synced = await usher.call("GET", `${integration.path}/users?state=in_sync&limit=${limit}`);
    expect(synced.body.items).toHaveLength(Math.min(limit, 30));
  }
});

test("large users are listed in pages that an answer has room for", async () => {
  const attributes = Array.from({ length: 30 }, (_, at) => ({ name: `a${at}`, value: "x".repeat(10_000) }));
  const ids = await givenSaved(usher, 20, { attributes });
  const seen: unknown[] = [];
  let cursor = "";
  do {
    const { body, text } = await usher.call("GET", `/users?limit=500${cursor}`);
    expect(text.length).toBeLessThan(4_100_000);
    seen.push(...body.items.map(({ userId }) => userId));
    cursor = body.nextCursor === undefined ? "" : `&cursor=${body.nextCursor}`;
  } while (cursor !== "");
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining(ids));
});

test("statuses are listed and filtered by state and desired", async () => {
  const { provider, integration } = await given();
  const good = await givenProvisioned(usher, provider, integration);
  const out = await givenProvisioned(usher, provider, integration);
  const gone = await givenProvisioned(usher, provider, integration);
  await usher.call("DELETE", out.path);
  await usher.call("DELETE", `${gone.path}?action=delete`);
  const bad = aPerson();
  provider.intercept = ({ method }) => (method === "POST" ? scimError(400, "No.") : undefined);
  await usher.call("PUT", `${integration.path}/users/${bad.userId}`, bad.user);

  const idsOf = async (query: string) =>
    (await usher.call("GET", `${integration.path}/users?${query}`)).body.items.map(({ userId }) => userId);
  expect((await idsOf("")).toSorted()).toEqual([good, out, gone, bad].map(({ userId }) => userId).toSorted());
  expect(await idsOf("state=in_sync")).toEqual([good.userId]);
  expect(await idsOf("state=failed")).toEqual([bad.userId]);
  expect(await idsOf("state=deprovisioned")).toEqual([out.userId]);
  expect(await idsOf("state=deleted&desired=absent")).toEqual([gone.userId]);
  expect(await idsOf("desired=inactive")).toEqual([out.userId]);
  expect((await idsOf("desired=active")).toSorted()).toEqual([good.userId, bad.userId].toSorted());
  expect((await usher.call("GET", `${integration.path}/users?state=asleep`)).status).toBe(400);
});
