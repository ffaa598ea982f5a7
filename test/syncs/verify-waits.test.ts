import { expect, test } from "vitest";
import { pauseIntegration } from "../../shared/integrations/pause-integration.ts";
import { requireActive } from "../../shared/provisioning/attempts/require-integration.ts";
import { provisionGroup } from "../../shared/provisioning/calls/provision-group.ts";
import { noteConfirmed } from "../../shared/provisioning/guard/open-leavers.ts";
import { decideHold } from "../../shared/provisioning/holds/decide-hold.ts";
import { listAttention } from "../../shared/provisioning/overview/list-attention.ts";
import { applyPlan } from "../../shared/syncs/apply-plan.ts";
import { openReader } from "../../shared/verification/open-reader.ts";
import { repairObject } from "../../shared/verification/repair-object.ts";
import { verifyObject } from "../../shared/verification/verify-object.ts";
import type { Service } from "../provisioning/automatic/service.ts";
import { read, rehearseCall, sync, work } from "./support.ts";
import { given, goOn, groupStatus, holdAll, idOf, patch, userStatus } from "./verify-support.ts";

const verifyOne = (service: Service, kind: "user" | "group", id: string, repair = false) =>
  service.run(() =>
    verifyObject(
      service.ports,
      service.aCall(),
      { integrationId: service.idOf("one"), kind, id },
      { repair },
    ),
  );
const written = ({ sent }: Service): string[] =>
  sent.flatMap(({ method, body }) => (method === "GET" ? [] : [body]));

/** Bo has left the team by a change of the directory, and is out of it at the provider. */
const leaving = async (): Promise<Service> => {
  const service = await given();
  await service.run(() => service.remove("team", "bo"));
  await goOn(service, ["team"]);
  expect(await userStatus(service, "bo")).toMatchObject({ state: "pending", active: true });
  service.sent.length = 0;
  return service;
};

test("an account that is kept for a grace is no finding, and no repair closes it", async () => {
  const service = await leaving();
  expect(await verifyOne(service, "user", "bo", true)).toEqual({ findings: [], state: "pending" });
  const { job } = await sync(service, { mode: "verify", repair: true });
  expect(job).toMatchObject({ status: "done", counts: {} });
  expect(written(service)).toEqual([]);
});

test("one whose grace has begun since something was found is left to that", async () => {
  const service = await leaving();
  const integration = await service.run(() => requireActive(service.ports, service.idOf("one")));
  const context = { ports: service.ports, integration, call: service.aCall() };
  const repaired = await service.run(async () =>
    repairObject(context, await openReader(context), { kind: "user", id: "bo" }, ""),
  );
  expect(repaired).toEqual({ state: "found" });
  expect(written(service)).toEqual([]);
});

test("no plan, and no apply, ends a grace", async () => {
  const service = await leaving();
  const plan = await sync(service, { mode: "plan" });
  expect(plan.items).toEqual([]);
  const { job } = await sync(service, { mode: "apply" });
  expect(job).toMatchObject({ status: "applied", counts: { removals: 0 } });
  expect(written(service)).toEqual([]);
  await service.bind("one", "guild", ["bo"]);
  expect(await userStatus(service, "bo")).toMatchObject({ state: "in_sync", active: true });
  expect(written(service).some((body) => body.includes('"active"'))).toBe(false);
});

test("a change of the user ends no grace, and a suspension does", async () => {
  const service = await leaving();
  await service.patch("bo", { jobTitle: "Engineer" });
  await goOn(service, [], ["bo"]);
  expect(await userStatus(service, "bo")).toMatchObject({ state: "pending", active: true });
  await service.patch("bo", { suspended: true });
  await goOn(service, [], ["bo"]);
  expect(await userStatus(service, "bo")).toMatchObject({ state: "deprovisioned", active: false });
});

test("a pause that ends in a grace does not end it", async () => {
  const service = await leaving();
  const integrationId = service.idOf("one");
  const pause = (isPaused: boolean) =>
    service.run(() => pauseIntegration(service.ports, service.aCall(), { integrationId }, isPaused));
  await pause(true);
  await service.pass(40_000);
  await pause(false);
  await goOn(service, []);
  expect(await userStatus(service, "bo")).toMatchObject({ state: "pending", active: true });
  await service.pass(20_000);
  await goOn(service, []);
  expect(await userStatus(service, "bo")).toMatchObject({ state: "deprovisioned", active: false });
});

test("once the grace is over the account is closed by itself", async () => {
  const service = await leaving();
  await service.pass(60_000);
  await goOn(service, []);
  expect(await userStatus(service, "bo")).toMatchObject({ state: "deprovisioned", active: false });
});

test("who is to be closed, and waits for that, is no finding", async () => {
  const service = await given();
  await service.patch("bo", { suspended: true });
  expect(await verifyOne(service, "user", "bo")).toEqual({ findings: [], state: "pending" });
});

test("what the guard holds is no finding, of accounts and of members, and no plan would send it", async () => {
  const service = await given();
  await holdAll(service);
  await service.patch("bo", { suspended: true });
  await service.run(() => service.remove("team", "cy"));
  await goOn(service, ["team"], ["bo"]);
  expect((await userStatus(service, "bo")).state).toBe("held");
  expect((await groupStatus(service, "team")).state).toBe("held");
  service.sent.length = 0;
  const { job } = await sync(service, { mode: "verify", repair: true });
  expect(job).toMatchObject({ status: "done", counts: {} });
  const plan = await sync(service, { mode: "plan" });
  expect(plan.items.filter(({ state }) => state === "planned")).toEqual([]);
  expect(written(service)).toEqual([]);
});

/** Dee, whose account is open, is put into the team by hand. */
const withExtra = async (): Promise<Service> => {
  const service = await given();
  await service.assign("one", "dee");
  const [team] = await service.groups("one");
  await patch(service, `/Groups/${team?.id}`, {
    op: "add",
    path: "members",
    value: [{ value: await idOf(service, "dee") }],
  });
  await holdAll(service);
  service.sent.length = 0;
  return service;
};
const attention = async (service: Service) =>
  (await service.run(() => listAttention(service.ports, { limit: 50 }))).items;
const decide = async (service: Service, verdict: "approved" | "rejected") => {
  const integrationId = service.idOf("one");
  const [hold] = (await service.run(() => service.ports.holds.list(integrationId, { limit: 5 }))).items;
  const key = { integrationId, holdId: hold?.holdId ?? "" };
  const decision = { count: hold?.count ?? 0 };
  return service.run(() =>
    decideHold({ ports: service.ports, call: service.aCall() }, key, verdict, decision),
  );
};

test.each(["job", "call"])(
  "members whom the guard keeps are held by the repair of a %s, and open access is told at once",
  async (by) => {
    const service = await withExtra();
    const { findings } =
      by === "call"
        ? await verifyOne(service, "group", "team", true)
        : { findings: (await sync(service, { mode: "verify", repair: true })).items };
    expect(findings).toEqual([
      expect.objectContaining({ finding: "member-extra", userId: "dee", state: "held" }),
    ]);
    expect(findings[0]).not.toHaveProperty("error");
    expect((await groupStatus(service, "team")).state).toBe("held");
    expect(written(service)).toEqual([]);
    expect(await attention(service)).toEqual([
      expect.objectContaining({ kind: "access-open", groupId: "team", count: 1 }),
      expect.objectContaining({ kind: "held", count: 1 }),
    ]);
    expect(await verifyOne(service, "group", "team")).toEqual({ findings: [], state: "held" });
  },
);

test("what else was found of the group is repaired", async () => {
  const service = await withExtra();
  const [team] = await service.groups("one");
  await patch(service, `/Groups/${team?.id}`, {
    op: "remove",
    path: `members[value eq "${await idOf(service, "ada")}"]`,
  });
  const { findings, state } = await verifyOne(service, "group", "team", true);
  expect(findings.map(({ finding, state: is }) => [finding, is])).toEqual([
    ["member-missing", "repaired"],
    ["member-extra", "held"],
  ]);
  expect(state).toBe("held");
});

test("an extra member whose hold is rejected is accepted, and one whose hold is approved is taken out", async () => {
  const service = await withExtra();
  await sync(service, { mode: "verify", repair: true });
  await decide(service, "rejected");
  expect(await attention(service)).toEqual([
    expect.objectContaining({ kind: "access-open", detail: expect.stringContaining("accepted") }),
  ]);
  expect((await sync(service, { mode: "verify", repair: true })).job.counts).toEqual({});
  expect((await groupStatus(service, "team")).state).toBe("held");

  const other = await withExtra();
  await sync(other, { mode: "verify", repair: true });
  await decide(other, "approved");
  await goOn(other, []);
  expect((await groupStatus(other, "team")).state).toBe("in_sync");
  const [now] = await other.groups("one");
  expect(now?.members).not.toContain(await idOf(other, "dee"));
  expect(await attention(other)).toEqual([]);
});

test("that a call has confirmed who leaves a group says nothing of who is found in it since", async () => {
  const service = await withExtra();
  const integrationId = service.idOf("one");
  const saved = await service.run(() => service.ports.groups.read("team"));
  if (!saved) throw new Error("no group");
  await service.run(() => noteConfirmed(service.ports, { integrationId, id: "team" }, saved));
  const { findings } = await verifyOne(service, "group", "team", true);
  expect(findings).toMatchObject([{ finding: "member-extra", state: "held" }]);
  expect(written(service)).toEqual([]);
});

const extras = Array.from({ length: 5 }, (_, at) => `extra-${at}`);

/** Five people with accounts are put into the team by hand, which is found; the guard leaves two free in an hour. */
const withExtras = async (): Promise<Service> => {
  const service = await given();
  for (const id of extras) {
    await service.save(id);
    await service.assign("one", id);
  }
  const [team] = await service.groups("one");
  const value = await Promise.all(extras.map(async (id) => ({ value: await idOf(service, id) })));
  await patch(service, `/Groups/${team?.id}`, { op: "add", path: "members", value });
  const row = service.memory.integrations.get(service.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  row.integration.policies.guard = { users: 2, percent: 0, most: 2 };
  await sync(service, { mode: "verify" });
  service.sent.length = 0;
  return service;
};
const membersThere = async (service: Service) => (await service.groups("one"))[0]?.members;

test("more extra members than the guard leaves free are in a plan, and are taken out once their number is confirmed", async () => {
  const service = await withExtras();
  const { job, items } = await sync(service, { mode: "plan" });
  expect(job.counts).toMatchObject({ removed: 5, removals: 5 });
  expect(items.filter(({ action }) => action === "removed").map(({ userId }) => userId)).toEqual(extras);
  const at = await sync(service, { mode: "apply" });
  expect(at.job).toMatchObject({ status: "ready", error: { code: "deprovisions-held" } });
  const apply = (confirm?: number) =>
    service.run(() => applyPlan(service.ports, rehearseCall, service.aCall(), { ...at.job, confirm }));
  await expect(apply()).rejects.toMatchObject({ code: "deprovisions-held", extras: { facts: { count: 5 } } });
  expect(written(service)).toEqual([]);
  await apply(5);
  await work(service);
  expect((await read(service, at.job)).job.status).toBe("applied");
  expect(await membersThere(service)).toHaveLength(3);
});

test("a call for the group asks for those who were found in it, and takes them out once they are confirmed", async () => {
  const service = await withExtras();
  const key = { integrationId: service.idOf("one"), groupId: "team" };
  const provision = (confirm?: number) =>
    service.run(() => provisionGroup(service.ports, service.aCall(), key, { confirm }));
  await expect(provision()).rejects.toMatchObject({ code: "deprovisions-held" });
  await provision(5);
  expect(await membersThere(service)).toHaveLength(3);
});
