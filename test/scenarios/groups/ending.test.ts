import { expect, test } from "vitest";
import type { Actor } from "../../../shared/model/event.ts";
import { Failure } from "../../../shared/model/failure.ts";
import { deleteGroup } from "../../../shared/provisioning/calls/delete-group.ts";
import { ports } from "../../../shared/runtime/services.ts";
import { call, GROUP, patchOp } from "../../providers/call.ts";
import type { TestProvider } from "../../providers/provider.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { givenQuirky } from "../../support/quirks.ts";
import {
  detailsOf,
  eventsOf,
  eventTypesOf,
  expectOk,
  forget,
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
} from "../../support/steps.ts";

const usher = useUsher();
const actor: Actor = {
  initiatedBy: { type: "admin", id: "late" },
  authMethod: "token",
  clientIp: "127.0.0.1",
  userAgent: "",
  correlation: { id: "late", type: "request" },
};

const given = async (policies: object = {}) => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider, { policies });
  const { userId: direct } = await givenProvisioned(usher, provider, integration);
  const [member = ""] = await givenSaved(usher, 1);
  const group = await givenGroup(usher, provider, integration, [direct, member]);
  const end = () => usher.call("DELETE", `/groups/${group.groupId}`);
  const activeOf = async (userId: string) =>
    (await usher.call("GET", `${integration.path}/users/${userId}`)).body.active;
  return { provider, integration, direct, member, group, end, activeOf };
};
const membersIn = async (provider: TestProvider) =>
  (await provider.groups()).map(({ members }) => members.length);

test("a group that ends is emptied and stays there, and its members lose what it granted", async () => {
  const { provider, group, end, activeOf, direct, member, integration } = await given();
  const { status, body } = await end();
  expect(status).toBe(200);
  expect(body.receipts).toEqual([
    {
      integrationId: integration.integrationId,
      action: "updated",
      state: "deprovisioned",
      eventIds: expect.any(Array),
    },
  ]);
  expect(await membersIn(provider)).toEqual([0]);
  expect(await activeOf(direct)).toBe(true);
  expect(await activeOf(member)).toBe(false);
  const [ended] = (await eventsOf(usher, `groupId=${group.groupId}`)).slice(-1);
  expect(ended).toMatchObject({ members_removed: expect.arrayContaining([direct, member]) });
  expect((await usher.call("GET", group.path)).body).toMatchObject({ bound: false, state: "deprovisioned" });
  expect((await usher.call("GET", `/groups/${group.groupId}`)).status).toBe(404);
  forget(provider);
  expect((await end()).body.receipts).toMatchObject([{ action: "unchanged", state: "deprovisioned" }]);
  expect(provider.requests).toEqual([]);
});

test("with onGroupDeleted unbind the group there keeps its members, and the directory's lose their account", async () => {
  const { provider, end, activeOf, direct, member } = await given({ onGroupDeleted: "unbind" });
  expect((await end()).body.receipts).toMatchObject([{ action: "updated", state: "deprovisioned" }]);
  expect(await membersIn(provider)).toEqual([2]);
  expect(await activeOf(direct)).toBe(true);
  expect(await activeOf(member)).toBe(false);
});

test("with onGroupDeleted delete a group of ours is deleted there", async () => {
  const { provider, group, end, activeOf, direct, member } = await given({ onGroupDeleted: "delete" });
  expect((await end()).body.receipts).toMatchObject([{ action: "deleted", state: "deleted" }]);
  expect(await provider.groups()).toEqual([]);
  expect(await activeOf(direct)).toBe(true);
  expect(await activeOf(member)).toBe(false);
  expect((await eventTypesOf(usher, `groupId=${group.groupId}`)).at(-1)).toBe("group_delete_provision");
  expect((await usher.call("GET", group.path)).body).toMatchObject({ bound: false, state: "deleted" });
});

test("with onGroupDeleted delete a group that holds somebody unknown is emptied, and the event says why", async () => {
  const { provider, group, end } = await given({ onGroupDeleted: "delete" });
  const { json } = await call(provider, "POST", "/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: "stranger@example.com",
    name: { givenName: "Strange", familyName: "Er" },
    emails: [{ value: "stranger@example.com" }],
  });
  const add = patchOp({ op: "add", path: "members", value: [{ value: String(json.id) }] });
  await call(provider, "PATCH", `/Groups/${group.remoteId}`, add);
  expect((await end()).body.receipts).toMatchObject([{ action: "updated", state: "deprovisioned" }]);
  expect((await provider.groups()).map(({ members }) => members)).toEqual([[String(json.id)]]);
  const events = await eventsOf(usher, `groupId=${group.groupId}`);
  const [kept] = events.filter(({ event_type }) => event_type === "group_delete_provision");
  expect(kept).toMatchObject({ success: false });
  expect(JSON.stringify(kept)).toContain(String(json.id));
});

test("with onGroupDeleted delete a group that was found there is emptied", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider, { policies: { onGroupDeleted: "delete" } });
  const groupId = newId("found");
  await call(provider, "POST", "/Groups", { schemas: [GROUP], displayName: groupId });
  const members = await givenSaved(usher, 1);
  expectOk(await usher.call("PUT", `${integration.path}/groups/${groupId}`, { name: groupId, members }));
  forget(provider);
  expectOk(await usher.call("DELETE", `/groups/${groupId}`));
  expect(await membersIn(provider)).toEqual([0]);
  expect(requestLines(provider).filter((line) => line.startsWith("DELETE"))).toEqual([]);
});

test.each([
  ["hidden", { membersHiddenOnRead: true }],
  ["not all shown", { membersShownUpTo: 1 }],
])("with onGroupDeleted delete a group whose members are %s is emptied", async (_, switches) => {
  const policies = { onGroupDeleted: "delete" };
  const { provider, integration } = await givenQuirky(usher, switches, { policies });
  const group = await givenGroup(usher, provider, integration, await givenSaved(usher, 2));
  const end = () => usher.call("DELETE", `/groups/${group.groupId}`);
  // An earlier addition that was never shown may still be carried out.
  expect((await end()).status).toBe(202);
  passTime(60_000);
  expectOk(await end());
  expect(await membersIn(provider)).toEqual([0]);
});

test("a group whose end fails in one integration ends in the others, stays readable, and the same call goes on", async () => {
  const { provider, group, integration, end } = await given();
  const other = await givenProvider(startScimmy);
  const second = await givenIntegration(usher, other);
  expectOk(await usher.call("PUT", `${second.path}/groups/${group.groupId}`, { name: group.name }));
  provider.intercept = ({ method, path }) =>
    method === "PATCH" && path.startsWith("/Groups") ? scimError(400, "no") : undefined;
  const failed = await end();
  expect(failed.status).toBe(202);
  expect(failed.headers.get("retry-after")).toEqual(expect.any(String));
  const stateOf = (answer: typeof failed, { integrationId }: typeof integration) =>
    (answer.body.receipts as { integrationId: string; state: string }[]).find(
      (receipt) => receipt.integrationId === integrationId,
    )?.state;
  expect(stateOf(failed, integration)).toBe("failed");
  expect(stateOf(failed, second)).toBe("deprovisioned");
  expect(await membersIn(other)).toEqual([0]);
  const { body } = await usher.call("GET", `/groups/${group.groupId}`);
  expect(body).toMatchObject({ memberCount: 0, deletedAt: expect.any(String) });
  expect(body.integrations).toEqual(
    expect.arrayContaining([
      { integrationId: integration.integrationId, state: "failed", bound: true },
      { integrationId: second.integrationId, state: "deprovisioned", bound: false },
    ]),
  );
  provider.intercept = undefined;
  expect((await end()).status).toBe(200);
  expect(await membersIn(provider)).toEqual([0]);
  expect((await usher.call("GET", `/groups/${group.groupId}`)).status).toBe(404);
});

test("a group that is made anew before its end was carried out stays bound, and nobody else comes back", async () => {
  const { provider, group, direct, activeOf, member, end } = await given();
  provider.intercept = ({ path }) => (path.startsWith("/Groups") ? scimError(400, "no") : undefined);
  expect((await end()).status).toBe(202);
  provider.intercept = undefined;
  const anew = { name: group.name, members: [direct] };
  expect((await usher.call("PUT", `/groups/${group.groupId}`, anew)).body).toMatchObject({ memberCount: 1 });
  const { body } = await usher.call("PUT", group.path, { name: group.name });
  expect(body).toMatchObject({ state: "in_sync" });
  expect(await membersIn(provider)).toEqual([1]);
  expect(await activeOf(member)).toBe(false);
  const { items } = (await usher.call("GET", `${group.path}/members`)).body;
  expect(items).toMatchObject([{ userId: direct, state: "pushed" }]);
});

test("an end that takes away more than is free is held whole, and confirmed by its count alone", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const members = await givenSaved(usher, 21);
  const group = await givenGroup(usher, provider, integration, members);
  const path = `/groups/${group.groupId}`;
  for (const query of ["", "?confirm=20"])
    expect(await usher.call("DELETE", path + query)).toMatchObject({
      status: 409,
      body: { code: "deprovisions-held", count: 21 },
    });
  expect(provider.requests).toEqual([]);
  expect((await usher.call("GET", path)).body).toMatchObject({ memberCount: 21 });
  expect((await usher.call("DELETE", `${path}?confirm=21`)).status).toBe(200);
  expect(await membersIn(provider)).toEqual([0]);
});

test.each([
  ["empty", "deprovisioned", [0]],
  ["delete", "deleted", []],
])(
  "an end by %s that was cut off before it was on record is taken up by the same call",
  async (policy, state, left) => {
    const { provider, group, end, activeOf, member } = await given({ onGroupDeleted: policy });
    const assign = () => Promise.reject(new Failure("store-unavailable", "The store does not answer."));
    const groupLinks = { value: { ...ports.groupLinks, assign } };
    const until = Date.now() + 20_000;
    const cutOff = deleteGroup(
      Object.create(ports, { groupLinks }),
      { actor, sendUntil: until, answerUntil: until },
      group.groupId,
    );
    await expect(cutOff).rejects.toMatchObject({ code: "store-unavailable" });
    expect(await membersIn(provider)).toEqual(left);
    expect((await usher.call("GET", `/groups/${group.groupId}`)).body).toMatchObject({
      deletedAt: expect.any(String),
      integrations: [{ bound: true }],
    });
    forget(provider);
    expectOk(await end());
    expect(provider.requests).toEqual([]);
    expect((await usher.call("GET", group.path)).body).toMatchObject({ bound: false, state });
    expect(await membersIn(provider)).toEqual(left);
    expect(await activeOf(member)).toBe(false);
  },
);

test("who asked for the end is told in the events that carry it out", async () => {
  const { group, end, provider } = await given();
  const reason = { "change-reason": "TICKET-42" };
  provider.intercept = ({ path }) => (path.startsWith("/Groups") ? scimError(400, "no") : undefined);
  await usher.call("DELETE", `/groups/${group.groupId}`, undefined, reason);
  provider.intercept = undefined;
  await end();
  const [event] = (await eventsOf(usher, `groupId=${group.groupId}`)).slice(-1);
  expect(event).toMatchObject({ success: true });
  expect(JSON.stringify(event)).toContain("TICKET-42");
  expect(detailsOf(event)).toEqual(expect.any(String));
});
