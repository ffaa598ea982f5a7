import { expect, test } from "vitest";
import { changeDirectoryGroup } from "../../shared/directory/change-directory-group.ts";
import { pauseIntegration } from "../../shared/integrations/pause-integration.ts";
import { dispatchChange } from "../../shared/provisioning/automatic/dispatch-change.ts";
import { drainIntegration } from "../../shared/provisioning/automatic/drain-integration.ts";
import { decideHold } from "../../shared/provisioning/holds/decide-hold.ts";
import { applyPlan } from "../../shared/syncs/apply-plan.ts";
import { cancelSync } from "../../shared/syncs/cancel-sync.ts";
import { openService, type Service } from "../provisioning/automatic/service.ts";
import { read, rehearseCall, sync, work } from "./support.ts";

const everybody = Array.from({ length: 30 }, (_, at) => `user-${at}`);

/** A team of 30, of whom the guard lets two people go in an hour. */
const given = async (limit = 2) => {
  const service = await openService(["one"]);
  for (const id of everybody) await service.save(id);
  await service.bind("one", "team", everybody);
  const row = service.memory.integrations.get(service.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  row.integration.policies.guard = { users: limit, percent: 0, most: limit };
  row.integration.policies.unassignedGrace = "0";
  service.sent.length = 0;
  return service;
};

/** What the dispatch and the workers do about these. */
const carryOut = (service: Service, refs: { kind: "user" | "group"; id: string }[]) =>
  service.run(async () => {
    for (const ref of refs) await dispatchChange(service.ports, ref);
    const { failures } = await drainIntegration(service.ports, service.idOf("one"), {
      until: service.now() + 60_000,
    });
    expect(failures).toEqual([]);
  });

const suspend = async (service: Service, userIds: string[]) => {
  await service.run(async () => {
    const { patchUser } = await import("../../shared/directory/save-user.ts");
    const call = service.aCall();
    for (const id of userIds)
      await patchUser({ ports: service.ports, call }, id, (user) => ({ ...user, suspended: true }));
  });
  await carryOut(
    service,
    userIds.map((id) => ({ kind: "user", id })),
  );
};

const holdOf = async (service: Service) => {
  const page = await service.run(() => service.ports.holds.list(service.idOf("one"), { limit: 10 }));
  const hold = page.items[0];
  if (!hold) throw new Error("no hold");
  return hold;
};

const apply = (service: Service, jobId: string, confirm?: number) =>
  service.run(() =>
    applyPlan(service.ports, rehearseCall, service.aCall(), {
      integrationId: service.idOf("one"),
      jobId,
      confirm,
    }),
  );

const open = async (service: Service) =>
  (await service.accounts("one")).filter(({ active }) => active).length;
const writes = ({ sent }: Service) => sent.filter(({ method }) => method !== "GET");
const pause = (service: Service, isPaused: boolean) =>
  service.run(() =>
    pauseIntegration(service.ports, service.aCall(), { integrationId: service.idOf("one") }, isPaused),
  );

test.each(["open", "rejected"] as const)(
  "accounts that a hold keeps, which is %s, are shown as held, and no plan or apply closes them",
  async (state) => {
    const service = await given();
    await suspend(service, everybody.slice(0, 5));
    const hold = await holdOf(service);
    expect(hold).toMatchObject({ state: "open", count: 5 - (30 - (await open(service))) });
    const { count, holdId } = hold;
    const key = { integrationId: service.idOf("one"), holdId };
    if (state === "rejected")
      await service.run(() =>
        decideHold({ ports: service.ports, call: service.aCall() }, key, "rejected", { count }),
      );
    service.sent.length = 0;
    const { job, items } = await sync(service, { mode: "plan" });
    expect(job.counts).toEqual({ deprovisioned: count, held: count, removals: 0 });
    expect(items.map(({ kind, action, state: of }) => [kind, action, of])).toEqual(
      Array.from({ length: count }, () => ["user", "deprovisioned", "held"]),
    );
    await apply(service, job.jobId, count);
    await work(service);
    const applied = await sync(service, { mode: "apply" });
    expect(applied.job).toMatchObject({ status: "applied", counts: { held: count, removals: 0 } });
    expect(writes(service)).toEqual([]);
    expect(await holdOf(service)).toMatchObject({ state, count });
  },
);

test.each(["open", "rejected"] as const)(
  "members whom a hold keeps, which is %s, are shown as held, and stay in the group, whatever its mark says",
  async (state) => {
    const service = await given();
    await service.members("team", { remove: everybody.slice(0, 12) });
    await carryOut(service, [{ kind: "group", id: "team" }]);
    const { count, holdId } = await holdOf(service);
    const key = { integrationId: service.idOf("one"), holdId };
    if (state === "rejected")
      await service.run(() =>
        decideHold({ ports: service.ports, call: service.aCall() }, key, "rejected", { count }),
      );
    const team = { integrationId: service.idOf("one"), id: "team" };
    await service.run(async () => {
      const link = await service.ports.groupLinks.read(team);
      await service.ports.groupLinks.schedule(team, link?.rev ?? 0, null);
    });
    service.sent.length = 0;
    const { job, items } = await sync(service, { mode: "plan" });
    expect(job.counts).toEqual({ removed: 12, held: 12, removals: 0 });
    expect(items.every(({ kind, state: of }) => kind === "member" && of === "held")).toBe(true);
    await apply(service, job.jobId, 12);
    await work(service);
    expect(writes(service)).toEqual([]);
    expect((await service.groups("one"))[0]?.members).toHaveLength(30);
  },
);

test("what is new beside a hold is planned, asked for and carried out; what is held stays", async () => {
  const service = await given();
  await suspend(service, everybody.slice(0, 5));
  const before = await open(service);
  const { count } = await holdOf(service);
  await pause(service, true);
  await suspend(service, everybody.slice(10, 14));
  const { job } = await sync(service, { mode: "plan" });
  expect(job.counts).toMatchObject({ deprovisioned: count + 4, held: count, removals: 4 });
  await pause(service, false);
  await expect(apply(service, job.jobId, count + 4)).rejects.toMatchObject({ code: "deprovisions-held" });
  await apply(service, job.jobId, 4);
  await work(service);
  expect((await read(service, job)).job.counts).toMatchObject({ applied: 4, held: count });
  expect(await open(service)).toBe(before - 4);
  expect(await holdOf(service)).toMatchObject({ state: "open", count });
});

test("a pause stops an apply at once; it waits, and goes on after the resume", async () => {
  const service = await given();
  for (const id of everybody) await service.patch(id, { jobTitle: "Engineer" });
  const { job } = await sync(service, { mode: "plan" });
  await apply(service, job.jobId);
  service.sent.length = 0;
  let isPaused = false;
  service.state.refuses = () => {
    if (writes(service).length > 3) isPaused = true;
    const row = service.memory.integrations.get(service.idOf("one"));
    if (isPaused && row?.integration) row.integration.pausedAt ??= new Date(service.now()).toISOString();
    return undefined;
  };
  // The rate limit makes the others wait.
  const row = service.memory.integrations.get(service.idOf("one"));
  if (row?.integration) row.integration.overrides = { rateLimit: { perSecond: 5, burst: 1 } };
  await work(service);
  const paused = await read(service, job);
  expect(paused.job).toMatchObject({ status: "running", lastError: { code: "integration-not-active" } });
  const sent = writes(service).length;
  expect(sent).toBeLessThan(12);
  expect(paused.items.map(({ state }) => state).toSorted()).toEqual([
    ...Array.from({ length: sent }, () => "applied"),
    ...Array.from({ length: 30 - sent }, () => "planned"),
  ]);
  await work(service);
  expect(writes(service)).toHaveLength(sent);
  service.state.refuses = undefined;
  await pause(service, false);
  await service.pass(60_000);
  await work(service);
  const ended = await read(service, job);
  expect(ended.job).toMatchObject({ status: "applied", counts: { updated: 30, applied: 30 } });
  expect(ended.job).not.toHaveProperty("lastError");
  expect(writes(service)).toHaveLength(30);
});

test("a job that waits for a paused integration can be cancelled, and nothing of it is sent", async () => {
  const service = await given();
  await service.patch("user-1", { jobTitle: "Engineer" });
  const { job } = await sync(service, { mode: "plan" });
  await apply(service, job.jobId);
  await pause(service, true);
  await work(service);
  expect((await read(service, job)).job.status).toBe("running");
  await service.run(() => cancelSync(service.ports, job));
  await work(service);
  expect((await read(service, job)).job).toMatchObject({
    status: "cancelled",
    finishedAt: expect.any(String),
  });
  expect(writes(service)).toEqual([]);
});

test("what was not sent, since the credentials are refused, has not failed: it goes on after a reauth", async () => {
  const service = await given();
  for (const id of everybody) await service.patch(id, { jobTitle: "Engineer" });
  const { job } = await sync(service, { mode: "plan" });
  await apply(service, job.jobId);
  service.sent.length = 0;
  service.state.refuses = () => (writes(service).length > 5 ? 401 : undefined);
  await work(service);
  const { job: waiting, items } = await read(service, job);
  expect(waiting).toMatchObject({ status: "running" });
  const failed = items.filter(({ state }) => state === "failed");
  expect(failed.length).toBeGreaterThan(0);
  for (const { eventId } of failed) expect(eventId).toBeTypeOf("string");
  expect(items.filter(({ state }) => state === "applied")).toHaveLength(5);
  expect(failed.length + 5).toBe(writes(service).length);
});

test("objects that a worker has no time for are left to the next one", async () => {
  const service = await given();
  for (const id of everybody) await service.patch(id, { jobTitle: "Engineer" });
  const { job } = await sync(service, { mode: "plan" });
  await apply(service, job.jobId);
  const row = service.memory.integrations.get(service.idOf("one"));
  if (row?.integration) row.integration.overrides = { rateLimit: { perSecond: 1, burst: 1 } };
  service.sent.length = 0;
  const { runJob } = await import("../../shared/jobs/run-job.ts");
  const { steps } = await import("./support.ts");
  const turn = () =>
    service.run(() => runJob(service.ports, service.idOf("one"), { until: service.now() + 12_000, steps }));
  await turn();
  const first = await read(service, job);
  expect(first.job.status).toBe("running");
  expect(new Set(first.items.map(({ state }) => state))).toEqual(new Set(["applied", "planned"]));
  for (let turns = 0; turns < 6; turns += 1) await turn();
  const { job: ended, items } = await read(service, job);
  expect(ended).toMatchObject({ status: "applied", counts: { updated: 30, applied: 30 } });
  for (const { eventId } of items) expect(eventId).toBeTypeOf("string");
  expect(writes(service)).toHaveLength(30);
});

test("a group that a plan ends is held as a whole where a hold keeps its members", async () => {
  const service = await given();
  const row = service.memory.integrations.get(service.idOf("one"));
  if (row?.integration) row.integration.policies.onGroupDeleted = "delete";
  await service.run(() =>
    changeDirectoryGroup({ ports: service.ports, call: service.aCall() }, "team", async (base) =>
      base ? { name: base.name, add: [], remove: [], ends: true } : undefined,
    ),
  );
  await carryOut(service, [{ kind: "group", id: "team" }]);
  expect(await holdOf(service)).toMatchObject({ state: "open" });
  service.sent.length = 0;
  const { job, items } = await sync(service, { mode: "apply" });
  expect(job).toMatchObject({ status: "applied", counts: { removals: 0 } });
  expect(items.every(({ state }) => state === "held")).toBe(true);
  expect(writes(service)).toEqual([]);
});
