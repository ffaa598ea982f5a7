import { expect, test } from "vitest";
import type { TestProvider } from "../../providers/provider.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { until } from "../../support/quick-time.ts";
import {
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  passTime,
  replicationMs,
  requestLines,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** A group of two, one of whom is shut out by `leave` and then assigned again. */
const given = async (switches: Switches, overrides: object = {}) => {
  const provider = await givenProvider(() => startQuirky({ switches }));
  const integration = await givenIntegration(usher, provider, { overrides });
  const [returning = "", stays = ""] = await givenSaved(usher, 2);
  const group = await givenGroup(usher, provider, integration, [returning, stays]);
  const accounts = (await provider.groups())[0]?.members.toSorted();
  return {
    provider,
    integration,
    group,
    returning,
    accounts,
    path: `${integration.path}/users/${returning}`,
  };
};
const membersNow = async (provider: TestProvider) => (await provider.groups())[0]?.members.toSorted();

test("a user who is reactivated is a member again where the provider takes inactive accounts out of groups", async () => {
  const { provider, integration, group, path, accounts } = await given({ deactivateLeavesGroups: true });
  expectOk(await usher.call("DELETE", path));
  expect(await membersNow(provider)).toHaveLength(1);
  const { body } = await usher.call("PUT", path);
  expect(body).toMatchObject({ action: "reactivated", state: "in_sync" });
  expect(await membersNow(provider)).toEqual(accounts);
  expect(body.eventIds).toHaveLength(2);
  const events = await eventTypesOf(usher, `integrationId=${integration.integrationId}`);
  expect(events.slice(-2)).toEqual(["user_update_provision", "group_update_provision"]);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });
});

test("a user who is reactivated is not added twice where the provider kept the membership", async () => {
  const { provider, path, accounts } = await given({ duplicatesMembersOnReAdd: true });
  expectOk(await usher.call("DELETE", path));
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "reactivated", state: "in_sync" });
  expect(await membersNow(provider)).toEqual(accounts);
  expect(writes(provider).map(({ path: to }) => to)).toEqual([expect.stringContaining("/Users/")]);
});

test("a user who is reactivated is not added while the provider wants no request, and settled by the next call", async () => {
  const { provider, path, accounts, group } = await given({ duplicatesMembersOnReAdd: true });
  expectOk(await usher.call("DELETE", path));
  provider.intercept = ({ method, path: to }) =>
    method === "GET" && to.startsWith("/Groups/")
      ? scimError(503, "Not now.", { "retry-after": "600" })
      : undefined;
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "reactivated", active: true });
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "retrying" });
  provider.intercept = undefined;
  expect((await usher.call("PUT", group.path, { name: group.name })).body).toMatchObject({
    state: "in_sync",
  });
  expect(await membersNow(provider)).toEqual(accounts);
});

test("a user who is reactivated is added again, unread, where the provider hides members", async () => {
  const { provider, path, accounts } = await given(
    { deactivateLeavesGroups: true, membersHiddenOnRead: true },
    { readsMembers: false, replaceMembers: false },
  );
  expectOk(await usher.call("DELETE", path));
  forget(provider);
  expectOk(await usher.call("PUT", path));
  expect(await membersNow(provider)).toEqual(accounts);
  expect(requestLines(provider).filter((line) => line.startsWith("PATCH /Groups/"))).toHaveLength(1);
});

test.each<[string, number | undefined]>([
  ["500, since it is too large", undefined],
  ["403", 403],
  ["404, while changes of it work", 404],
])("a user who is reactivated is added again where every read of the group is %s", async (_, status) => {
  const { provider, path, accounts, group } = await given({
    deactivateLeavesGroups: true,
    groupUnreadableAbove: status ? 99 : 0,
  });
  expectOk(await usher.call("DELETE", path));
  provider.intercept = ({ method, path: to }) =>
    status && method === "GET" && to.startsWith("/Groups/") ? scimError(status, "No.") : undefined;
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "reactivated", state: "in_sync" });
  expect(await membersNow(provider)).toEqual(accounts);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });
});

test("an account that a deletion only deactivates is reactivated with what changed and with its groups", async () => {
  const { provider, path, accounts, returning } = await given(
    { deleteDeactivates: "stays" },
    { delete: "deactivates" },
  );
  const { remoteId } = (await usher.call("GET", path)).body;
  expect((await usher.call("DELETE", `${path}?action=delete`)).body).toMatchObject({ action: "deleted" });
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "skipped", active: false });
  forget(provider);
  expect((await usher.call("DELETE", `${path}?action=delete`)).body).toMatchObject({ action: "unchanged" });
  expect(provider.requests).toEqual([]);
  const saved = (await usher.call("GET", `/users/${returning}`)).body;
  const { userId: _id, updatedAt: _at, integrations: _in, ...user } = saved;
  const back = await usher.call("PUT", path, { ...user, jobTitle: "Back" });
  expect(back.body).toMatchObject({ action: "reactivated", state: "in_sync", remoteId });
  const account = (await provider.users()).find(({ id }) => id === remoteId);
  expect(account).toMatchObject({ active: true, resource: { title: "Back" } });
  expect(await membersNow(provider)).toEqual(accounts);
});

test("a user who left the group while shut out does not come back into it", async () => {
  const { provider, path, group, returning } = await given({ deactivateLeavesGroups: true });
  expectOk(await usher.call("DELETE", path));
  expectOk(await usher.call("POST", `${group.path}/members`, { remove: [returning] }));
  expectOk(await usher.call("PUT", path));
  expect(await membersNow(provider)).toHaveLength(1);
});

test("a user whom a failed call left held by a group is let go once the group is bound without them", async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const [userId = ""] = await givenSaved(usher, 1);
  const at = `${integration.path}/groups/held-${userId}`;
  const token = provider.token;
  provider.setToken("another-token");
  expect((await usher.call("PUT", at, { name: "Held", members: [userId] })).status).toBe(502);
  provider.setToken(token);
  const credentials = { type: "bearer", clientSecret: token };
  expectOk(await usher.call("POST", `${integration.path}/reauth`, { credentials }));
  expectOk(await usher.call("PUT", at, { name: "Held", members: [] }));
  const user = `${integration.path}/users/${userId}`;
  await until(async () => !JSON.stringify((await usher.call("GET", user)).body.assigned).includes("held-"));
  expect((await usher.call("GET", user)).body).toMatchObject({ desired: "inactive" });
  // The worker that the new credentials have woken may have come first.
  await until(async () => (await provider.users()).every(({ active }) => !active));
});

test("a member who is suspended and back at once is added again where reads are behind", async () => {
  const { provider, path, accounts, group, returning } = await given({
    deactivateLeavesGroups: true,
    readsBehind: 1,
  });
  const {
    userId: _id,
    updatedAt: _at,
    integrations: _in,
    ...user
  } = (await usher.call("GET", `/users/${returning}`)).body;
  expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
  setTimeout(() => Object.assign(provider.switches, { readsBehind: 0 }), 2_000);
  forget(provider);
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "reactivated" });
  expect(await membersNow(provider)).toEqual(accounts);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });
  expect(requestLines(provider).filter((line) => line.includes("/Groups/"))).toHaveLength(3);
});

test("a member who was suspended a while ago and is back costs one read", async () => {
  const { provider, path, accounts, group } = await given({});
  expectOk(await usher.call("DELETE", path));
  passTime(replicationMs);
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "reactivated", state: "in_sync" });
  expect(await membersNow(provider)).toEqual(accounts);
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });
  expect(requestLines(provider).filter((line) => line.includes("/Groups/"))).toHaveLength(1);
});

test("a member who is reactivated for another group while a rename of this one is under way is added again by it", async () => {
  const { provider, integration, path, accounts, group, returning } = await given({
    deactivateLeavesGroups: true,
  });
  const {
    userId: _id,
    updatedAt: _at,
    integrations: _in,
    ...user
  } = (await usher.call("GET", `/users/${returning}`)).body;
  expectOk(await usher.call("PUT", path, { ...user, suspended: true }));
  passTime(replicationMs);
  let other: ReturnType<typeof givenGroup> | undefined;
  provider.intercept = ({ method, path: to, body }) => {
    if (other || method !== "PATCH" || to.startsWith("/Users/")) return undefined;
    if (!JSON.stringify(body).includes("Renamed")) return undefined;
    other = usher
      .call("PUT", `/users/${returning}`, user)
      .then(() => givenGroup(usher, provider, integration, [returning]));
    return { delayMs: 3_000 };
  };
  expectOk(await usher.call("PUT", group.path, { name: "Renamed" }));
  expect(await other).toBeDefined();
  expect((await usher.call("GET", group.path)).body).toMatchObject({ state: "in_sync" });
  expect(await membersNow(provider)).toEqual(accounts);
});
