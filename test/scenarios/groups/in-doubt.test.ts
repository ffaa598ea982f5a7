import { expect, test } from "vitest";
import { call, GROUP } from "../../providers/call.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { expectMembers } from "../../support/quirks.ts";
import {
  detailsOf,
  eventsOf,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  newId,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/**
 * A group whose creation was answered 500 each time, so that nobody knows what became of it; then the provider is well.
 */
const given = async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const { userId } = await givenProvisioned(usher, provider, integration);
  const groupId = newId("group");
  const path = `${integration.path}/groups/${groupId}`;
  const isOurs = ({ method, path: at }: { method: string; path: string }) =>
    method === "POST" && at === "/Groups";
  provider.intercept = (request) => (isOurs(request) ? scimError(500, "Out of order.") : undefined);
  const failed = await usher.call("PUT", path, { name: groupId, members: [userId] });
  expect(failed).toMatchObject({ status: 202, body: { state: "retrying" } });
  provider.intercept = undefined;
  /** The provider carries the creation out after all; or a group of the name is somebody else's. */
  const turnsUp = async (externalId: string | undefined = groupId) => {
    const body = { schemas: [GROUP], displayName: groupId, externalId, members: [] };
    const { json } = await call(provider, "POST", "/Groups", body);
    forget(provider);
    return String(json.id);
  };
  forget(provider);
  return { provider, integration, userId, groupId, path, turnsUp };
};

test("a group that turns up after its creation failed is deleted with the one that is to go", async () => {
  const { provider, groupId, path, turnsUp } = await given();
  await turnsUp();
  const { body } = await usher.call("DELETE", `${path}?action=delete`);
  expect(body).toMatchObject({ action: "deleted", state: "deleted" });
  expect(await provider.groups()).toEqual([]);
  expect((await eventsOf(usher, `groupId=${groupId}`)).at(-1)).toMatchObject({
    event_type: "group_delete_provision",
    success: true,
  });
});

test("a group with another name by then is that one, renamed, with its members, and there is no second one", async () => {
  const { provider, integration, userId, groupId, path, turnsUp } = await given();
  const remoteId = await turnsUp();
  const { body } = await usher.call("PUT", path, { name: `${groupId} renamed` });
  expect(body).toMatchObject({ action: "adopted", state: "in_sync", remoteId, members: { added: 1 } });
  expect(await provider.groups()).toMatchObject([{ displayName: `${groupId} renamed` }]);
  await expectMembers(usher, provider, integration, [userId]);
});

/** After so long a creation of unknown outcome is not carried out any more. */
const carryOutMs = 60_000;
const leap = (ms: number) => new Promise((go) => setTimeout(go, ms));

test("a group that is deleted while its creation may still be carried out is pending, and gone once it was there", async () => {
  const { provider, groupId, path, turnsUp } = await given();
  const early = await usher.call("DELETE", `${path}?action=delete`);
  expect([early.status, early.body]).toMatchObject([202, { action: "updated", state: "pending" }]);
  expect(early.body.reason).toContain("may still be carried out");
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "pending" });
  await turnsUp();
  const { body } = await usher.call("DELETE", `${path}?action=delete`);
  expect(body).toMatchObject({ action: "deleted", state: "deleted" });
  expect(await provider.groups()).toEqual([]);
  expect(detailsOf((await eventsOf(usher, `groupId=${groupId}`)).at(-1))).not.toContain("No group is there");
});

test("a group that is renamed while its creation may still be carried out is not made a second time", async () => {
  const { provider, groupId, path, turnsUp } = await given();
  const name = `${groupId} renamed`;
  expect(await usher.call("PUT", path, { name })).toMatchObject({
    status: 202,
    body: { state: "retrying" },
  });
  const remoteId = await turnsUp();
  expect((await usher.call("PUT", path, { name })).body).toMatchObject({ state: "in_sync", remoteId });
  expect(await provider.groups()).toMatchObject([{ displayName: name }]);
});

test("where none has turned up in time a look-up and the list say so, and the next call asks no more", async () => {
  const gone = await given();
  await leap(carryOutMs);
  const { body } = await usher.call("DELETE", `${gone.path}?action=delete`);
  expect(body).toMatchObject({ state: "deleted" });
  expect(requestLines(gone.provider).filter((line) => line.includes("/Groups"))).toEqual([
    "GET /Groups",
    "GET /Groups",
  ]);
  expect(detailsOf((await eventsOf(usher, `groupId=${gone.groupId}`)).at(-1))).toContain("No group is there");
  forget(gone.provider);
  expect((await usher.call("DELETE", `${gone.path}?action=delete`)).body.eventIds).toEqual([]);
  expect(gone.provider.requests).toEqual([]);

  const renamed = await given();
  await leap(carryOutMs);
  const answer = await usher.call("PUT", renamed.path, { name: `${renamed.groupId} renamed` });
  expect(answer.body).toMatchObject({ action: "created", state: "in_sync" });
  const lookUps = ["GET /Groups", "GET /Groups", "GET /Groups"];
  expect(requestLines(renamed.provider).slice(0, 4)).toEqual([...lookUps, "POST /Groups"]);
});

test("a group of the name that shows somebody else's externalId is left alone", async () => {
  const { provider, groupId, path, turnsUp } = await given();
  await turnsUp("theirs");
  await usher.call("PUT", path, { name: `${groupId} renamed` });
  await usher.call("DELETE", `${path}?action=delete`);
  expect(await provider.groups()).toMatchObject([{ displayName: groupId, members: [] }]);
});

test("a group that another directory group has by then is left alone", async () => {
  const { provider, integration, userId, groupId, path, turnsUp } = await given();
  const remoteId = await turnsUp();
  const other = `${integration.path}/groups/${newId("group")}`;
  expect((await usher.call("PUT", other, { name: groupId, members: [userId] })).body.remoteId).toBe(remoteId);
  await usher.call("DELETE", `${path}?action=delete`);
  expect(await provider.groups()).toMatchObject([{ id: remoteId }]);
});

test("while it cannot be looked for nothing is deleted or created, and a later call goes on", async () => {
  const { provider, path, turnsUp } = await given();
  await turnsUp();
  provider.intercept = ({ method }) => (method === "GET" ? scimError(403, "No look-ups today.") : undefined);
  const refused = await usher.call("DELETE", `${path}?action=delete`);
  expect(refused.body).toMatchObject({ code: "provider-rejected", eventId: expect.any(String) });
  provider.intercept = undefined;
  expect((await usher.call("DELETE", `${path}?action=delete`)).body).toMatchObject({ action: "deleted" });
  expect(await provider.groups()).toEqual([]);
});
