import { expect, test } from "vitest";
import { decideHold } from "../../shared/provisioning/holds/decide-hold.ts";
import { openService, type Service } from "../provisioning/automatic/service.ts";
import { sync } from "./support.ts";
import { goOn, idOf, patch } from "./verify-support.ts";

const everybody = Array.from({ length: 8 }, (_, at) => `user-${at}`);
const shutOut = everybody.slice(0, 3);
const extra = everybody.slice(3, 5);

/** Three are shut out, and their accounts opened by hand; two who are in no group are put into two. `free`: what the guard lets go. */
const drifted = async (free: number): Promise<Service> => {
  const service = await openService(["one"]);
  for (const id of everybody) await service.save(id);
  for (const id of everybody) await service.assign("one", id);
  await service.bind("one", "team", ["user-6"]);
  await service.bind("one", "club", ["user-7"]);
  for (const id of shutOut) await service.patch(id, { suspended: true });
  await goOn(service, [], shutOut);
  await service.pass(2 * 3_600_000);
  const row = service.memory.integrations.get(service.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  row.integration.policies.guard = { users: free, percent: 0, most: free };
  for (const id of shutOut)
    await patch(service, `/Users/${await idOf(service, id)}`, { op: "replace", path: "active", value: true });
  for (const [at, { id }] of (await service.groups("one")).entries())
    await patch(service, `/Groups/${id}`, {
      op: "add",
      path: "members",
      value: [{ value: await idOf(service, extra[at] ?? "") }],
    });
  service.sent.length = 0;
  return service;
};
const writes = ({ sent }: Service) => sent.filter(({ method }) => method !== "GET");
const openAccounts = async (service: Service) =>
  (await service.accounts("one")).filter(({ active }) => active).length;
const holds = async (service: Service) =>
  (await service.run(() => service.ports.holds.list(service.idOf("one"), { limit: 10 }))).items;
const repair = (service: Service) => sync(service, { mode: "verify", repair: true });

test("a repair that takes more away than the guard leaves free is held whole, accounts and members, in one hold", async () => {
  const service = await drifted(2);
  const { job, items } = await repair(service);
  expect(job.counts).toEqual({ active: 3, "member-extra": 2, held: 5 });
  expect(items.every(({ state }) => state === "held")).toBe(true);
  expect(writes(service)).toEqual([]);
  const [hold, ...others] = await holds(service);
  expect(others).toEqual([]);
  expect(hold).toMatchObject({ state: "open", count: 5 });
  const key = { integrationId: service.idOf("one"), holdId: hold?.holdId ?? "" };
  await service.run(() =>
    decideHold({ ports: service.ports, call: service.aCall() }, key, "approved", { count: 5 }),
  );
  await goOn(service, []);
  expect(await openAccounts(service)).toBe(5);
  expect((await service.groups("one")).map(({ members }) => members?.length)).toEqual([1, 1]);
});

test("a repair that takes away no more than is free holds nobody", async () => {
  const service = await drifted(3);
  const { job } = await repair(service);
  expect(job.counts).toEqual({ active: 3, "member-extra": 2, repaired: 5 });
  expect(await holds(service)).toEqual([]);
  expect(await openAccounts(service)).toBe(5);
});

test("accounts that were opened again after their closing was approved are held with the others, all or none", async () => {
  const service = await drifted(2);
  await repair(service);
  const [hold] = await holds(service);
  const key = { integrationId: service.idOf("one"), holdId: hold?.holdId ?? "" };
  await service.run(() =>
    decideHold({ ports: service.ports, call: service.aCall() }, key, "approved", {
      count: 2,
      userIds: shutOut.slice(0, 2),
    }),
  );
  await goOn(service, []);
  expect(await openAccounts(service)).toBe(6);
  await service.pass(60_000);
  const row = service.memory.integrations.get(service.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  row.integration.policies.guard = { users: 1, percent: 0, most: 1 };
  for (const id of shutOut.slice(0, 2))
    await patch(service, `/Users/${await idOf(service, id)}`, { op: "replace", path: "active", value: true });
  service.sent.length = 0;
  const { job } = await repair(service);
  expect(job.counts).toEqual({ active: 2, held: 2 });
  expect(writes(service)).toEqual([]);
});
