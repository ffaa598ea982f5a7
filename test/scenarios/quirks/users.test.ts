import { expect, test } from "vitest";
import { quirkyProfiles } from "../../providers/quirky/profiles.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { givenQuirky } from "../../support/quirks.ts";
import {
  aPerson,
  eventTypesOf,
  forget,
  givenProvisioned,
  patchedPaths,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

/** A provider with these quirks, and an analyst there. */
const given = async (switches: Switches, fields: object = {}) => {
  const { provider, integration } = await givenQuirky(usher, switches, fields);
  const known = await givenProvisioned(usher, provider, integration, { jobTitle: "Analyst" });
  return { provider, integration, ...known };
};

test.each<[string, Switches]>([
  ["PATCH", {}],
  ["PUT", { noPatch: 405 }],
])("an inactive account that cannot be changed is activated and changed in one %s", async (method, more) => {
  const { provider, path, user } = await given({ ...quirkyProfiles["frozen-inactive"], ...more });
  await usher.call("PUT", path, { ...user, suspended: true });
  forget(provider);
  const moved = { ...user, suspended: true, jobTitle: "Engineer", lastname: "Byron" };
  expect((await usher.call("PUT", path, moved)).body).toMatchObject({ action: "unchanged", active: false });
  expect(provider.requests).toEqual([]);

  const back = await usher.call("PUT", path, { ...moved, suspended: false });
  expect(back.body).toMatchObject({ action: "reactivated", state: "in_sync", active: true });
  expect(writes(provider).map((request) => request.method)).toEqual([method]);
  expect(await provider.users()).toMatchObject([
    { active: true, resource: { title: "Engineer", name: { familyName: "Byron" } } },
  ]);
});

test("an inactive account that cannot be changed is adopted in one PATCH", async () => {
  const { provider, integration } = await given(quirkyProfiles["frozen-inactive"]);
  const { userId, user } = aPerson();
  const existing = provider.addUser({ userName: user.email, title: "Theirs", active: false });
  const answer = await usher.call("PUT", `${integration.path}/users/${userId}`, {
    ...user,
    jobTitle: "Ours",
  });
  expect(answer.body).toMatchObject({ action: "adopted", remoteId: existing, active: true });
  expect(writes(provider)).toHaveLength(1);
});

test("an account whose active is shown as text is read as what it means", async () => {
  const { provider, integration } = await given({ activeAsText: true });
  const { userId, user } = aPerson();
  const path = `${integration.path}/users/${userId}`;
  const existing = provider.addUser({ userName: user.email, active: false });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ remoteId: existing, active: true });
  expect(patchedPaths(writes(provider)[0]!)).toContain("active");
  expect(await provider.users()).toContainEqual(expect.objectContaining({ id: existing, active: true }));
  expect((await usher.call("PUT", path, { ...user, suspended: true })).body).toMatchObject({ active: false });
});

test("a userName that cannot be changed is a refusal in the provider's words: no account is made or deleted", async () => {
  const { provider, path, user, userId, remoteId } = await given({ userNameIsFixed: true });
  const { status, body } = await usher.call("PUT", path, { ...user, email: "moved@example.com" });
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(body.detail).toContain("Attribute userName is immutable.");
  expect(requestLines(provider)).toEqual([`PATCH /Users/${remoteId}`, `GET /Users/${remoteId}`]);
  expect(await provider.users()).toMatchObject([{ id: remoteId, userName: user.email, active: true }]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "!user_update_provision",
  ]);
  const out = await usher.call("PUT", path, { ...user, email: "moved@example.com", suspended: true });
  expect(out.body).toMatchObject({ action: "deprovisioned", active: false });
});

test("an attribute that cannot be cleared is a refusal in the provider's words, and keeps no account open", async () => {
  const { provider, path, user } = await given({ clearRefused: true });
  const { status, body } = await usher.call("PUT", path, { ...user, jobTitle: undefined });
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(body.detail).toContain("title cannot be cleared");
  expect(writes(provider)).toHaveLength(1);
  expect((await usher.call("PUT", path, { ...user, suspended: true })).body).toMatchObject({ active: false });
  expect(await provider.users()).toMatchObject([{ active: false }]);
});

test("an attribute is cleared by an empty value, where the integration says so", async () => {
  const { provider, path, user } = await given({ clearRefused: true }, { overrides: { clear: "empty" } });
  const answer = await usher.call("PUT", path, { ...user, jobTitle: undefined });
  expect(answer.body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(await provider.users()).toMatchObject([{ resource: { title: "" } }]);
  forget(provider);
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged" });
});

test.each<[string, Switches]>([
  ["stays as an inactive one", quirkyProfiles.slack],
  ["is found by no later call", quirkyProfiles.atlassian],
])("an account that DELETE only deactivates, and that %s, is taken again and opened", async (_, switches) => {
  const { provider, path, remoteId, userId } = await given(switches);
  expect((await usher.call("DELETE", `${path}?action=delete`)).body).toMatchObject({
    action: "deleted",
    state: "deleted",
  });
  expect(await provider.users()).toMatchObject([{ id: remoteId, active: false }]);
  expect((await usher.call("PUT", path)).body).toMatchObject({ state: "in_sync", remoteId, active: true });
  expect(await provider.users()).toMatchObject([{ id: remoteId, active: true }]);
  expect((await eventTypesOf(usher, `userId=${userId}`)).filter((type) => type.startsWith("!"))).toEqual([]);
});

test("an account that deactivating destroys is made anew, with no trace of the old one", async () => {
  const { provider, path, user, remoteId } = await given(quirkyProfiles.pagerduty, {
    overrides: { authorizationTemplate: "Token token={clientSecret}", deactivate: "destroys" },
  });
  expect((await usher.call("PUT", path, { ...user, suspended: true })).body).not.toHaveProperty("remoteId");
  expect(await provider.users()).toEqual([]);
  forget(provider);
  const { body } = await usher.call("PUT", path, { ...user, suspended: false });
  expect(body).toMatchObject({ action: "created", state: "in_sync", active: true });
  expect(body.remoteId).not.toBe(remoteId);
  expect(requestLines(provider)).toEqual(["GET /Users", "POST /Users"]);
});

test.each<[string, Switches, object]>([
  ["deactivating was to destroy", quirkyProfiles.gitlab, { profile: "gitlab", groupsEnabled: false }],
  ["DELETE hides until a creation brings it back", quirkyProfiles.atlassian, {}],
])("an account that %s comes back without what is no longer wanted of it", async (_, switches, fields) => {
  const { provider, path, user, remoteId } = await given(switches, {
    policies: { onUserUnassigned: switches.deleteDeactivates ? "delete" : "deprovision" },
    ...fields,
  });
  expect((await usher.call("DELETE", path)).status).toBe(200);
  expect(await provider.users()).toMatchObject([{ id: remoteId, active: false }]);

  const { body } = await usher.call("PUT", path, { ...user, jobTitle: undefined });
  expect(body).toMatchObject({ state: "in_sync", remoteId, active: true });
  const [account] = await provider.users();
  expect(account).toMatchObject({ id: remoteId, active: true, resource: { userName: user.email } });
  expect(account?.resource).not.toHaveProperty("title");
});

test("a deletion that is refused is told in the provider's words and not repeated; access can still be taken away", async () => {
  const { provider, path, userId, remoteId } = await given({ deleteRefused: true });
  const { status, body } = await usher.call("DELETE", `${path}?action=delete`);
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  expect(body.detail).toContain("The user has open incidents.");
  expect(requestLines(provider)).toEqual([`DELETE /Users/${remoteId}`]);
  expect((await usher.call("GET", path)).body).toMatchObject({
    state: "failed",
    desired: "absent",
    remoteId,
  });
  expect((await usher.call("DELETE", `${path}?action=deprovision`)).body).toMatchObject({
    action: "deprovisioned",
    active: false,
  });
  expect(await provider.users()).toMatchObject([{ id: remoteId, active: false }]);
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
    "user_create_provision",
    "!user_delete_provision",
    "user_deprovision",
  ]);
});
