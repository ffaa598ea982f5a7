import { expect, test } from "vitest";
import { changeSavedMembers, saveGroup } from "../../shared/directory/save-group.ts";
import { Failure } from "../../shared/model/failure.ts";
import { changeGroupMembers } from "../../shared/provisioning/calls/change-group-members.ts";
import { lockUser } from "../../shared/provisioning/calls/lock-user.ts";
import { provisionGroup } from "../../shared/provisioning/calls/provision-group.ts";
import { decideHold } from "../../shared/provisioning/holds/decide-hold.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { aUser, type Service } from "../provisioning/automatic/service.ts";
import { rehearseCall, sync } from "../syncs/support.ts";
import { given, importUsers, scan, settle, status, writes } from "./support.ts";

const names = Array.from({ length: 40 }, (_, at) => `user-${String(at).padStart(2, "0")}`);
const emailOf = (name: string) => `${name}@example.com`;
const suspended = names.slice(0, 25).map(emailOf);

/** 40 accounts at a provider with the guard as it is by default, where nobody is active for the service yet. */
const accounts = async () => {
  const { service } = await given(Object.fromEntries(names.map((name) => [name, {}])));
  const row = service.memory.integrations.get(service.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  const { guard: _, ...policies } = row.integration.policies;
  row.integration.policies = policies;
  await scan(service);
  return service;
};
/** Imported, and 25 of them suspended since, whose accounts are open. */
const imported = async () => {
  const service = await accounts();
  await importUsers(service, { allNew: true });
  for (const userId of suspended) await service.patch(userId, { suspended: true });
  service.sent.length = 0;
  return service;
};
const saved = async (service: Service, members: string[]) =>
  service.run(() =>
    saveGroup({ ports: service.ports, call: service.aCall() }, "team", { name: "team", members }),
  );
const key = (service: Service) => ({ integrationId: service.idOf("one"), groupId: "team" });
const bind = (service: Service, wish: Parameters<typeof provisionGroup>[3] = {}) =>
  service.run(() => provisionGroup(service.ports, service.aCall(), key(service), wish));
const openCount = async (service: Service) =>
  (await service.accounts("one")).filter(({ active }) => active).length;
const holdsOf = async ({ run, ports, idOf }: Service) =>
  (await run(() => ports.holds.list(idOf("one"), { limit: 10 }))).items.map(({ state, count }) => [
    state,
    count,
  ]);
const heldOf = async (act: Promise<unknown>) => {
  const error = await act.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(Failure);
  return { code: (error as Failure).code, ...(error as Failure).extras.facts };
};
const held = { code: "deprovisions-held", count: 25 };

test("a bind that would close more accounts than the guard lets go does nothing, and closes all once that is confirmed", async () => {
  const service = await imported();
  await saved(service, names.map(emailOf));
  expect(await heldOf(bind(service))).toMatchObject(held);
  expect(await heldOf(bind(service, { confirm: 24 }))).toMatchObject(held);
  expect(writes(service)).toEqual([]);
  expect(
    await service.run(() => service.ports.groupLinks.read({ ...key(service), id: "team" })),
  ).toBeUndefined();
  expect((await bind(service, { confirm: 25 })).state).toBe("in_sync");
  await settle(service);
  expect(await openCount(service)).toBe(15);
  expect(await holdsOf(service)).toEqual([]);
});

test("a few are closed by a bind without a word", async () => {
  const service = await imported();
  await saved(service, [...suspended.slice(0, 10), emailOf("user-30")]);
  expect((await bind(service)).state).toBe("in_sync");
  expect(await openCount(service)).toBe(30);
  expect(await holdsOf(service)).toEqual([]);
});

test("a call for members that would close as many does nothing, unless that is confirmed", async () => {
  const service = await imported();
  await saved(service, []);
  await bind(service);
  const add = (confirm?: number) =>
    service.run(() =>
      changeGroupMembers(service.ports, service.aCall(), key(service), { add: suspended, confirm }),
    );
  expect(await heldOf(add())).toMatchObject(held);
  expect((await service.run(() => service.ports.groups.read("team")))?.memberCount).toBe(0);
  expect(writes(service)).toEqual([]);
  // A group of which nobody has an open account is not made.
  expect((await add(25)).state).toBe("skipped");
  expect(await openCount(service)).toBe(15);
});

test("what would be of a bind counts all who would lose their account", async () => {
  const service = await imported();
  await saved(service, names.map(emailOf));
  const act = (ports: Ports) => provisionGroup(ports, service.aCall(), key(service), {});
  const until = service.now() + 20_000;
  expect(await heldOf(service.run(() => rehearseCall(service.ports, { act, until })))).toMatchObject(held);
  const { job } = await sync(service, { mode: "plan", whatIf: { bind: "team" } });
  expect(job).toMatchObject({ status: "ready", counts: { deprovisioned: 25, removals: 25 } });
});

test("a change of the directory that would close as many is held whole, and closes all once it is approved", async () => {
  const service = await imported();
  await saved(service, []);
  await bind(service);
  await service.run(() =>
    changeSavedMembers({ ports: service.ports, call: service.aCall() }, "team", { add: names.map(emailOf) }),
  );
  await settle(service);
  expect(await openCount(service)).toBe(40);
  expect(await holdsOf(service)).toEqual([["open", 25]]);
  for (const userId of suspended.slice(0, 2))
    expect(await status(service, userId)).toMatchObject({ state: "held", assigned: { groups: ["team"] } });
  expect(await status(service, emailOf("user-30"))).toMatchObject({ state: "in_sync" });
  const { items } = await service.run(() => service.ports.holds.list(service.idOf("one"), { limit: 1 }));
  const [hold] = items;
  if (!hold) throw new Error("no hold");
  await service.run(() =>
    decideHold({ ports: service.ports, call: service.aCall() }, hold, "approved", { count: 25 }),
  );
  await settle(service);
  expect(await openCount(service)).toBe(15);
});

test("an import that links as many to users who are suspended, into a bound group, is held whole", async () => {
  const service = await accounts();
  for (const name of names.slice(0, 25))
    await service.save(emailOf(name), aUser(name, { email: emailOf(name), suspended: true }));
  await saved(service, []);
  await bind(service);
  await scan(service);
  const { job } = await importUsers(service, { allNew: true, matched: "link", groupId: "team" });
  expect(job.counts).toEqual({ created: 15, linked: 25 });
  await settle(service);
  expect(await openCount(service)).toBe(40);
  expect(await holdsOf(service)).toEqual([["open", 25]]);
});

test("members who are locked are closed, however many", async () => {
  const service = await imported();
  for (const userId of suspended)
    await service.run(() => lockUser(service.ports, service.aCall(), userId, "lost"));
  await saved(service, names.map(emailOf));
  expect((await bind(service)).state).toBe("in_sync");
  expect(await openCount(service)).toBe(15);
});
