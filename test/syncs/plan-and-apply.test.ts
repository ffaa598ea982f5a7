import { expect, test } from "vitest";
import { applyPlan } from "../../shared/syncs/apply-plan.ts";
import { openService } from "../provisioning/automatic/service.ts";
import { read, rehearseCall, sync, work } from "./support.ts";

const given = async () => {
  const service = await openService(["one"]);
  for (const id of ["ada", "bo", "cy"]) await service.save(id);
  await service.bind("one", "team", ["ada", "bo"]);
  await service.assign("one", "cy");
  service.sent.length = 0;
  return service;
};

test("a plan of what is in step is empty, sends nothing and keeps nothing", async () => {
  const service = await given();
  const { job, items } = await sync(service, { mode: "plan" });
  expect(job).toMatchObject({ status: "ready", progress: { done: 4, total: 4 }, counts: { removals: 0 } });
  expect(items).toEqual([]);
  expect(service.sent).toEqual([]);
});

test("the progress of a plan is never beyond its total, though the index that counts be behind", async () => {
  const service = await given();
  const { work: index } = service.ports;
  service.ports.work = { ...index, countLinks: async () => 0 };
  const { job } = await sync(service, { mode: "plan" });
  expect(job.progress).toEqual({ done: 4, total: 4 });
});

test("a plan names what would be sent, and its apply sends just that", async () => {
  const service = await given();
  await service.patch("ada", { jobTitle: "Countess" });
  await service.patch("cy", { suspended: true });
  await service.members("team", { remove: ["bo"] });
  const { job, items } = await sync(service, { mode: "plan" });
  expect(service.sent).toEqual([]);
  expect(job.counts).toMatchObject({ updated: 2, deprovisioned: 2, removed: 1, removals: 2 });
  expect(items).toEqual([
    expect.objectContaining({ kind: "user", userId: "cy", action: "deprovisioned", state: "planned" }),
    expect.objectContaining({
      kind: "user",
      userId: "ada",
      action: "updated",
      changes: [{ path: "title", to: "Countess" }],
    }),
    expect.objectContaining({ kind: "group", groupId: "team", action: "updated" }),
    expect.objectContaining({ kind: "member", groupId: "team", userId: "bo", action: "removed" }),
    expect.objectContaining({ kind: "user", userId: "bo", action: "deprovisioned" }),
  ]);
  const again = await service.run(() =>
    service.ports.integrationJobs.reopen({ ...job, status: "running", place: { phase: "apply" } }),
  );
  expect(again?.status).toBe("running");
  await work(service);
  const applied = await read(service, job);
  expect(applied.job).toMatchObject({ status: "applied", counts: { applied: 5 } });
  expect(applied.items.map(({ state }) => state)).toEqual(items.map(() => "applied"));
  for (const { eventId } of applied.items) expect(eventId).toBeTypeOf("string");
  const writes = service.sent.filter(({ method }) => method !== "GET");
  expect(writes.map(({ method, path }) => `${method} ${path.split("/")[1]}`)).toEqual([
    "PATCH Users",
    "PATCH Users",
    "PATCH Groups",
    "PATCH Users",
  ]);
});

test("what would need other requests by now is left out as stale", async () => {
  const service = await given();
  await service.patch("ada", { jobTitle: "Countess" });
  await service.patch("bo", { jobTitle: "Engineer" });
  const { job } = await sync(service, { mode: "plan" });
  await service.patch("ada", { jobTitle: "Queen" });
  await service.run(() =>
    service.ports.integrationJobs.reopen({ ...job, status: "running", place: { phase: "apply" } }),
  );
  await work(service);
  const { job: applied, items } = await read(service, job);
  expect(applied.counts).toEqual({ updated: 2, removals: 0, applied: 1, stale: 1 });
  expect(Object.fromEntries(items.map(({ userId, state }) => [userId, state]))).toEqual({
    ada: "stale",
    bo: "applied",
  });
  const titles = (await service.accounts("one")).map(({ resource }) => resource.title);
  expect(titles).toEqual([undefined, "Engineer", undefined]);
});

test("what takes more away than is free waits for the number of people, and says how to give it", async () => {
  const service = await given();
  const row = service.memory.integrations.get(service.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  row.integration.policies.guard = { users: 0, percent: 0, most: 0 };
  await service.members("team", { remove: ["bo"] });
  const { job } = await sync(service, { mode: "apply" });
  expect(job).toMatchObject({ status: "ready", counts: { removals: 1 } });
  expect(job.error).toMatchObject({ code: "deprovisions-held" });
  expect(job.error?.detail).toContain('To go on, apply the plan with {"confirm": 1}.');
  const apply = (confirm?: number) =>
    service.run(() => applyPlan(service.ports, rehearseCall, service.aCall(), { ...job, confirm }));
  for (const wrong of [undefined, 0, 2])
    await expect(apply(wrong)).rejects.toMatchObject({ code: "deprovisions-held" });
  expect(service.sent).toEqual([]);
  await apply(1);
  await work(service);
  expect((await read(service, job)).job).toMatchObject({ status: "applied", counts: { applied: 3 } });
  const open = (await service.accounts("one")).filter(({ active }) => active);
  expect(open.map(({ userName }) => userName).toSorted()).toEqual(["ada@example.com", "cy@example.com"]);
});

test("a group that is changed by several attempts is one item, and names who gets an account by it", async () => {
  const service = await given();
  await service.save("dee");
  await service.members("team", { add: ["dee"], remove: ["bo"] });
  const { job, items } = await sync(service, { mode: "plan" });
  expect(job.status).toBe("ready");
  const places = items.map(({ kind, userId, groupId }) => [kind, groupId, userId].join(" "));
  expect(new Set(places).size).toBe(places.length);
  expect(items).toContainEqual(expect.objectContaining({ kind: "user", userId: "dee", action: "created" }));
  expect(items).toContainEqual(expect.objectContaining({ kind: "member", userId: "dee", action: "added" }));
  expect(items).toContainEqual(expect.objectContaining({ kind: "member", userId: "bo", action: "removed" }));
});
