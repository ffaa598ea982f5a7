import { expect, test } from "vitest";
import { changeDirectoryGroup } from "../../shared/directory/change-directory-group.ts";
import { pauseIntegration } from "../../shared/integrations/pause-integration.ts";
import { dispatchChange } from "../../shared/provisioning/automatic/dispatch-change.ts";
import { deleteUser } from "../../shared/provisioning/calls/delete-user.ts";
import { deprovisionUser } from "../../shared/provisioning/calls/deprovision-user.ts";
import { lockUser, unlockUser } from "../../shared/provisioning/calls/lock-user.ts";
import { listAttention } from "../../shared/provisioning/overview/list-attention.ts";
import { provisioningOf } from "../../shared/provisioning/overview/provisioning-of.ts";
import { getUser } from "../../shared/provisioning/status/get-user.ts";
import type { Service } from "../provisioning/automatic/service.ts";
import { sync } from "../syncs/support.ts";
import { patch } from "../syncs/verify-support.ts";
import { given, importUsers, scan, settle, status, writes } from "./support.ts";

const ada = "ada@example.com";
const bo = "bo@example.com";

const imported = async (names: string[], input: Parameters<typeof importUsers>[1] = {}) => {
  const { service, ids } = await given(Object.fromEntries(names.map((name) => [name, {}])));
  await service.bind("one", "team", []);
  await scan(service);
  await importUsers(service, { allNew: true, ...input });
  service.sent.length = 0;
  return { service, ids };
};
const leave = (service: Service, userId: string) =>
  service.run(() => deleteUser(service.ports, service.aCall(), userId));
const lock = (service: Service, userId: string) =>
  service.run(() => lockUser(service.ports, service.aCall(), userId, "lost laptop"));
const attention = async (service: Service) =>
  (await service.run(() => listAttention(service.ports, { limit: 50 }))).items;
const openOnes = async (service: Service) =>
  (await service.accounts("one")).filter(({ active }) => active).map(({ userName }) => userName);

test("a leaver whom a bound group holds by the directory alone is closed by the leaver call itself", async () => {
  const { service } = await imported(["ada", "bo"], { groupId: "team" });
  expect(await status(service, ada)).toMatchObject({ state: "unmanaged" });
  const left = await leave(service, ada);
  expect(left.receipts).toMatchObject([{ action: "deleted", state: "deleted" }]);
  expect(await openOnes(service)).toEqual([bo]);
  await settle(service);
  expect(await openOnes(service)).toEqual([bo]);
  expect((await service.groups("one"))[0]?.members).toHaveLength(1);
});

test.each([false, true])(
  "a leaver whose account is being linked is not said to have none (paused: %s), and people are told of it",
  async (isPaused) => {
    const { service } = await given({ ada: {} });
    const { ports, run, aCall, idOf, state } = service;
    await scan(service);
    if (isPaused) await run(() => pauseIntegration(ports, aCall(), { integrationId: idOf("one") }, true));
    let left: Awaited<ReturnType<typeof deleteUser>> | undefined;
    state.before = async (what) => {
      if (left || what !== `note user link ${ada}`) return;
      state.before = undefined;
      left = await deleteUser(ports, aCall(), ada);
    };
    await importUsers(service, { allNew: true });
    expect(left?.receipts).toMatchObject([{ action: "skipped", state: "unmanaged" }]);
    expect(await openOnes(service)).toEqual([ada]);
    expect((await attention(service)).map(({ kind, userId }) => [kind, userId])).toEqual([
      ["access-open", ada],
    ]);
  },
);

test("a leaver call that dies once the user is deleted is gone on with, and closes such an account", async () => {
  const { service } = await imported(["ada", "bo"], { groupId: "team" });
  service.state.before = (what) => {
    if (what.includes("memberships of") || what === `read user links of ${ada}`) throw new Error("killed");
  };
  await expect(leave(service, ada)).rejects.toThrow("killed");
  service.state.before = undefined;
  await service.pass(60_000);
  await settle(service);
  expect(await openOnes(service)).toEqual([bo]);
});

test("one who leaves before the group takes them in is closed by what carries the group out", async () => {
  const { service } = await imported(["ada", "bo"]);
  expect((await leave(service, ada)).receipts).toMatchObject([{ state: "unmanaged", action: "skipped" }]);
  // A job has read the user before, and adds them now.
  await service.members("team", { add: [ada, bo] });
  await service.run(() => dispatchChange(service.ports, { kind: "group", id: "team" }));
  await settle(service);
  expect(await openOnes(service)).toEqual([bo]);
  const team = await service.run(() => service.ports.groups.read("team"));
  expect(team?.memberCount).toBe(1);
  expect(await attention(service)).toEqual([]);
});

test("a lock closes at once whom a bound group holds by the directory alone, and a suspension with the group", async () => {
  const { service } = await imported(["ada", "bo"], { groupId: "team" });
  expect((await lock(service, ada)).receipts).toMatchObject([{ action: "deprovisioned", state: "in_sync" }]);
  await service.patch(bo, { suspended: true });
  await service.run(() => dispatchChange(service.ports, { kind: "user", id: bo }));
  await settle(service);
  expect(await openOnes(service)).toEqual([]);
  expect(await attention(service)).toEqual([]);
});

test("the open account of a leaver, of one who is locked, and of one who is suspended is told at once where nobody holds them", async () => {
  const { service } = await imported(["ada", "bo", "cy", "dee"]);
  await leave(service, ada);
  await lock(service, bo);
  await service.patch("cy@example.com", { suspended: true });
  await service.run(() => dispatchChange(service.ports, { kind: "user", id: "cy@example.com" }));
  const told = await attention(service);
  expect(told.map(({ kind, userId }) => [kind, userId]).sort()).toEqual(
    [ada, bo, "cy@example.com"].map((userId) => ["access-open", userId]),
  );
  for (const { userId, detail } of told)
    expect(detail).toContain(
      `DELETE /integrations/${service.idOf("one")}/users/${userId}?action=deprovision`,
    );
  await settle(service);
  expect(await attention(service)).toHaveLength(3);
  expect(writes(service)).toEqual([]);
  // Who left can be looked up until the account is closed, and all are still counted as unmanaged.
  const shown = await service.run(() => getUser(service.ports, ada));
  expect(shown).toMatchObject({ integrations: [{ state: "unmanaged", active: true }] });
  const row = await service.run(() => service.ports.integrations.read(service.idOf("one")));
  const integration = row?.integration;
  if (!integration) throw new Error("no integration");
  const events = { query: async () => ({ items: [] }) };
  const { users } = await service.run(() => provisioningOf({ ports: service.ports, events }, integration));
  expect(users).toMatchObject({ unmanaged: 4, in_sync: 0 });
});

test("it is over once the account is closed by a call, held by a group, seen closed or gone, or wanted open", async () => {
  const { service, ids } = await imported(["ada", "bo", "cy", "dee", "eve"]);
  const others = ["cy@example.com", "dee@example.com", "eve@example.com"] as const;
  await leave(service, ada);
  for (const userId of [bo, ...others]) await lock(service, userId);
  expect(await attention(service)).toHaveLength(5);
  const integrationId = service.idOf("one");
  const key = { integrationId, userId: ada };
  const closed = await service.run(() => deprovisionUser(service.ports, service.aCall(), key, {}));
  expect(closed).toMatchObject({ action: expect.stringMatching("deprovisioned|deleted") });
  await service.members("team", { add: [bo] });
  await settle(service);
  expect((await attention(service)).map(({ userId }) => userId).sort()).toEqual([...others]);
  await patch(service, `/Users/${ids.cy}`, { op: "replace", path: "active", value: false });
  await service.byHand("one", "DELETE", `/Users/${ids.dee}`);
  await sync(service, { mode: "verify" });
  expect((await attention(service)).map(({ userId }) => userId)).toEqual(["eve@example.com"]);
  await service.run(() => unlockUser(service.ports, service.aCall(), "eve@example.com"));
  expect(await attention(service)).toEqual([]);
  expect(await openOnes(service)).toEqual(["eve@example.com"]);
});

test("one who leaves while the account is being imported is told as open access, by the row and to people", async () => {
  const { service, ids } = await given({ ada: {} });
  await scan(service);
  let hasLeft = false;
  service.state.before = async (what) => {
    if (hasLeft || what !== `assign user link ${ada}`) return;
    hasLeft = true;
    expect((await deleteUser(service.ports, service.aCall(), ada)).receipts).toEqual([]);
  };
  const { rows } = await importUsers(service, { allNew: true });
  expect(rows).toMatchObject([
    { remoteId: ids.ada, result: "failed", error: expect.stringContaining("/attention") },
  ]);
  await settle(service);
  expect(await attention(service)).toMatchObject([{ kind: "access-open", userId: ada }]);
});

test("one whom the group takes in while the leaver call is under way is closed by it all the same", async () => {
  const { service } = await imported(["ada", "bo"]);
  await service.members("team", { add: [ada] });
  await service.members("team", { remove: [ada] });
  const { ports, aCall } = service;
  let hasJoined = false;
  service.state.before = async (what) => {
    // The leaver call has read what holds them, and is about to take them out of the groups that they were in.
    if (hasJoined || what !== "read group team" || !service.memory.users.get(ada)?.deleted) return;
    hasJoined = true;
    const joining = { name: "team", add: [ada, bo], remove: [] };
    await changeDirectoryGroup({ ports, call: aCall() }, "team", async () => joining);
  };
  expect((await leave(service, ada)).receipts).toMatchObject([{ action: "deleted", state: "deleted" }]);
  expect(hasJoined).toBe(true);
  expect(await openOnes(service)).toEqual([bo]);
});

/** All were in the team, whose end of holding them leaves their accounts as they are; nobody holds them any longer. */
const leftAsTheyAre = async (names: string[]) => {
  const { service, ids } = await imported(names, { groupId: "team" });
  const row = service.memory.integrations.get(service.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  Object.assign(row.integration.policies, { onUserUnassigned: "none", unassignedGrace: "0" });
  await service.run(() => dispatchChange(service.ports, { kind: "group", id: "team" }));
  await settle(service);
  await service.members("team", { remove: names.map((name) => `${name}@example.com`) });
  await service.run(() => dispatchChange(service.ports, { kind: "group", id: "team" }));
  await settle(service);
  service.sent.length = 0;
  return { service, ids };
};
const change = async (service: Service, userId: string, to: Parameters<Service["patch"]>[1]) => {
  await service.patch(userId, to);
  await service.run(() => dispatchChange(service.ports, { kind: "user", id: userId }));
  await settle(service);
};

test("the open account of one who is suspended or staged is told where the policy left it as it is when the last group let go", async () => {
  const { service, ids } = await leftAsTheyAre(["ada", "bo", "cy"]);
  expect(await attention(service)).toEqual([]);
  await change(service, ada, { suspended: true });
  await change(service, bo, { state: "STAGED" });
  const told = await attention(service);
  expect(told.map(({ kind, userId }) => [kind, userId]).sort()).toEqual([
    ["access-open", ada],
    ["access-open", bo],
  ]);
  for (const { userId, detail } of told) {
    expect(detail).toContain("onUserUnassigned is none");
    expect(detail).toContain(
      `DELETE /integrations/${service.idOf("one")}/users/${userId}?action=deprovision`,
    );
  }
  expect(await status(service, ada)).toMatchObject({ state: "deprovisioned", active: true });
  const integration = service.memory.integrations.get(service.idOf("one"))?.integration;
  if (!integration) throw new Error("no integration");
  const events = { query: async () => ({ items: [] }) };
  const { users } = await service.run(() => provisioningOf({ ports: service.ports, events }, integration));
  expect(users).toMatchObject({ deprovisioned: 3, unmanaged: 0, pending: 0 });
  expect(writes(service)).toEqual([]);
  // It is over once they may come in again, or the account is seen closed.
  await change(service, bo, { state: "ACTIVATED" });
  await patch(service, `/Users/${ids.ada}`, { op: "replace", path: "active", value: false });
  await sync(service, { mode: "verify" });
  expect(await attention(service)).toEqual([]);
});

test("such an account is closed by the call that is told with it, and by a lock", async () => {
  const { service } = await leftAsTheyAre(["ada", "bo"]);
  await change(service, ada, { suspended: true });
  await change(service, bo, { suspended: true });
  expect(await attention(service)).toHaveLength(2);
  const key = { integrationId: service.idOf("one"), userId: ada };
  await service.run(() => deprovisionUser(service.ports, service.aCall(), key, { action: "deprovision" }));
  await lock(service, bo);
  expect(await openOnes(service)).toEqual([]);
  expect(await attention(service)).toEqual([]);
});

test("one who is taken out by a call with that policy, and suspended then, is told although a group holds them still", async () => {
  const { service } = await imported(["ada"], { groupId: "team" });
  const row = service.memory.integrations.get(service.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  row.integration.policies.onUserUnassigned = "none";
  await service.run(() => dispatchChange(service.ports, { kind: "group", id: "team" }));
  await settle(service);
  const key = { integrationId: service.idOf("one"), userId: ada };
  await service.run(() => deprovisionUser(service.ports, service.aCall(), key, {}));
  expect(await attention(service)).toEqual([]);
  await change(service, ada, { suspended: true });
  expect(await attention(service)).toMatchObject([{ kind: "access-open", userId: ada }]);
});
