import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  type Body,
  eventsOf,
  expectOk,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenSaved,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** Accounts are let go at once, so that a test sees what of the group becomes of them. */
const withoutGrace = { policies: { unassignedGrace: "0" } };

/** Two integrations with one group, of which twelve have left by a call for the first; in the second their going is held. */
const given = async () => {
  const first = await givenProvider(startStrongDm);
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider, withoutGrace);
  const members = await givenSaved(usher, 14);
  const [stays = "", other = ""] = members;
  const there = await givenGroup(usher, first, await givenIntegration(usher, first), members);
  const group = { ...there, elsewhere: there.path, path: `${integration.path}/groups/${there.groupId}` };
  expectOk(await usher.call("PUT", group.path, { name: group.name }));
  const wish = { name: group.name, members: [stays, other] };
  const headers = { "x-correlation-id": `left ${there.groupId}`.replace(" ", "-"), "change-reason": "CHG-1" };
  const left = await usher.call("PUT", `${there.path}?confirm=12`, wish, headers);
  expect(left.body).toMatchObject({ members: { removed: 12 } });
  await untilState(group.path, "held");
  return {
    provider,
    integration,
    group,
    stays,
    other,
    gone: members.slice(2),
    holds: `${integration.path}/holds`,
  };
};
type Given = Awaited<ReturnType<typeof given>>;

const untilState = (path: string, state: string) =>
  until(async () => (await usher.call("GET", path)).body.state === state);

const onlyHold = async (holds: string, query = ""): Promise<Body & { holdId: string; path: string }> => {
  const [hold, ...others] = expectOk(await usher.call("GET", `${holds}${query}`)).body.items;
  if (!hold || others.length > 0) throw new Error(`there are ${others.length + (hold ? 1 : 0)} holds`);
  return { ...hold, holdId: String(hold.holdId), path: `${holds}/${hold.holdId}` };
};

const activeAt = async ({ provider }: Given) =>
  (await provider.users()).filter(({ active }) => active).length;
const membersAt = async ({ provider }: Given) => (await provider.groups())[0]?.members?.length ?? 0;

const expectHeld = async (all: Given, { members, active }: Record<string, number>) => {
  expect([await membersAt(all), await activeAt(all)]).toEqual([members, active]);
  const { holdId } = await onlyHold(all.holds, "?state=open");
  const put = await usher.call("PUT", all.group.path, { name: all.group.name });
  expect(put).toMatchObject({ status: 200, body: { state: "held", holdId, eventIds: [] } });
  expect((await usher.call("GET", all.group.path)).body).toMatchObject({ state: "held", holdId });
  expect([await membersAt(all), await activeAt(all)]).toEqual([members, active]);
};

test("members whom a change takes out by itself are held together, beyond what is free, and go once approved", async () => {
  const all = await given();
  await expectHeld(all, { members: 14, active: 14 });
  const hold = await onlyHold(all.holds);
  expect(hold).toMatchObject({
    state: "open",
    count: 12,
    cause: { initiatedBy: { type: "admin" }, correlationId: `left-${all.group.groupId}`, reason: "CHG-1" },
  });
  const { items } = expectOk(await usher.call("GET", hold.path)).body;
  expect(items).toHaveLength(12);
  expect(items[0]).toMatchObject({ kind: "group", groupId: all.group.groupId, state: "held" });

  for (const count of [0, 11, 999])
    expect(await usher.call("POST", `${hold.path}/approve`, { count })).toMatchObject({
      status: 409,
      body: { code: "deprovisions-held", count: 12 },
    });
  const headers = { "change-reason": "CHG-2" };
  const approved = await usher.call("POST", `${hold.path}/approve`, { count: 12 }, headers);
  expect(expectOk(approved).body).toMatchObject({ holdId: hold.holdId, state: "approved", count: 12 });
  await untilState(all.group.path, "in_sync");
  expect([await membersAt(all), await activeAt(all)]).toEqual([2, 2]);
  expect(await usher.call("POST", `${hold.path}/approve`, { count: 12 })).toMatchObject({
    status: 409,
    body: { count: 0 },
  });

  const [event, ...others] = await eventsOf(
    usher,
    `integrationId=${all.integration.integrationId}&eventType=idm_integration_hold_approved`,
  );
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    success: true,
    reason: "CHG-2",
    initiated_by: { type: "admin" },
    changes: expect.arrayContaining([
      { field: "holdId", to: hold.holdId },
      { field: "count", to: 12 },
    ]),
  });
  const decided = expectOk(await usher.call("GET", hold.path)).body.items[0];
  expect(decided).toMatchObject({ state: "approved", decided: { reason: "CHG-2", eventId: event?.id } });
});

test("members who are rejected keep their access, whatever else becomes of the group, until they are members again", async () => {
  const all = await given();
  const { path, holdId } = await onlyHold(all.holds);
  const rejected = await usher.call(
    "POST",
    `${path}/reject`,
    { count: 12 },
    { "change-reason": "a mistake" },
  );
  expect(expectOk(rejected).body).toMatchObject({ state: "rejected", count: 12 });
  const [joins = ""] = await givenSaved(usher, 1);
  expectOk(await usher.call("POST", `${all.group.elsewhere}/members`, { add: [joins] }));
  await until(async () => (await membersAt(all)) === 15);
  await untilState(all.group.path, "held");
  expect((await usher.call("GET", all.group.path)).body).toMatchObject({ state: "held", holdId });
  expect(await activeAt(all)).toBe(15);
  expect(await onlyHold(all.holds)).toMatchObject({ state: "rejected", count: 12 });
  const types = await eventsOf(
    usher,
    `integrationId=${all.integration.integrationId}&eventType=idm_integration_hold_rejected`,
  );
  expect(types).toMatchObject([{ success: true, reason: "a mistake" }]);

  expectOk(await usher.call("POST", `${all.group.elsewhere}/members`, { add: all.gone }));
  await untilState(all.group.path, "in_sync");
  expect(expectOk(await usher.call("GET", path)).body).toMatchObject({ state: "emptied", items: [] });
  expect([await membersAt(all), await activeAt(all)]).toEqual([15, 15]);
});

test("some of a hold are approved, others rejected, and those who come back leave it by themselves", async () => {
  const all = await given();
  const { path } = await onlyHold(all.holds);
  const [back = "", ...others] = all.gone;
  expectOk(await usher.call("POST", `${all.group.elsewhere}/members`, { add: [back] }));
  await until(async () => (await onlyHold(all.holds)).count === 11);
  await untilState(all.group.path, "held");
  const go = others.slice(0, 3);
  const approve = (count: number) => usher.call("POST", `${path}/approve`, { count, userIds: [...go, back] });
  expect(await approve(4)).toMatchObject({ status: 409, body: { count: 3 } });
  expect(expectOk(await approve(3)).body).toMatchObject({ state: "open", count: 8 });
  await until(async () => (await membersAt(all)) === 11);
  await untilState(all.group.path, "held");
  expect(await activeAt(all)).toBe(11);
  const rejected = expectOk(await usher.call("POST", `${path}/reject`, { count: 8 }));
  expect(rejected.body).toMatchObject({ state: "rejected", count: 11 });
  expect([await membersAt(all), await activeAt(all)]).toEqual([11, 11]);
});

test("who leaves the directory goes alone, where the group has others whom the guard holds", async () => {
  const all = await given();
  const answer = await usher.call("DELETE", `/users/${all.other}`);
  expect((answer.body.receipts as { action: string }[]).map(({ action }) => action)).toEqual([
    "deleted",
    "deleted",
  ]);
  expect((await usher.call("GET", `/users/${all.other}`)).status).toBe(404);
  await untilState(all.group.path, "held");
  await expectHeld(all, { members: 13, active: 13 });
});

test("who comes back is put into the group, which lets go of nobody whom the guard holds", async () => {
  const all = await given();
  const path = `${all.integration.path}/users/${all.other}`;
  const {
    userId: _,
    updatedAt: __,
    integrations: ___,
    ...user
  } = (await usher.call("GET", `/users/${all.other}`)).body;
  await usher.call("PUT", path, { ...user, suspended: true });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "reactivated", active: true });
  await expectHeld(all, { members: 14, active: 14 });
});

test("few whom a change takes out go by themselves", async () => {
  const provider = await givenProvider(startStrongDm);
  const second = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, second, withoutGrace);
  const members = await givenSaved(usher, 4);
  const there = await givenGroup(usher, provider, await givenIntegration(usher, provider), members);
  const path = `${integration.path}/groups/${there.groupId}`;
  expectOk(await usher.call("PUT", path, { name: there.name }));
  expectOk(await usher.call("POST", `${there.path}/members`, { remove: members.slice(0, 2) }));
  await untilState(path, "in_sync");
  expect((await second.groups())[0]?.members).toHaveLength(2);
  expect((await second.users()).filter(({ active }) => active)).toHaveLength(2);
});
