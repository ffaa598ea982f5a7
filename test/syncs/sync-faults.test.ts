import { expect, test } from "vitest";
import { unavailable } from "../../shared/memory/request.ts";
import { openService, type Service } from "../provisioning/automatic/service.ts";
import { read, sync, work } from "./support.ts";

/** A plan of one of each, ready to be applied. */
const given = async () => {
  const service = await openService(["one"]);
  for (const id of ["ada", "bo", "cy", "dee"]) await service.save(id);
  await service.bind("one", "team", ["ada", "bo"]);
  await service.assign("one", "cy");
  await service.patch("ada", { jobTitle: "Countess" });
  await service.patch("cy", { suspended: true });
  await service.members("team", { add: ["dee"], remove: ["bo"] });
  const { job } = await sync(service, { mode: "plan" });
  service.sent.length = 0;
  return { service, job };
};

const apply = async (service: Service, job: Awaited<ReturnType<typeof given>>["job"]) => {
  const { run, ports } = service;
  await run(() => ports.integrationJobs.reopen({ ...job, status: "running", place: { phase: "apply" } }));
};

/** Counts the store requests that come to the worker, and lets the n-th fail. */
const failAt = (service: Service, n: number): { count: () => number } => {
  let count = 0;
  service.state.before = () => {
    count += 1;
    if (count === n) throw unavailable();
  };
  return { count: () => count };
};

const isRight = async (service: Service): Promise<void> => {
  const accounts = (await service.accounts("one")).map(({ userName, active, resource }) => [
    userName.split("@")[0],
    active,
    resource.title,
  ]);
  expect(accounts.toSorted()).toEqual([
    ["ada", true, "Countess"],
    ["bo", false, undefined],
    ["cy", false, undefined],
    ["dee", true, undefined],
  ]);
  const [team] = await service.groups("one");
  expect(team?.members).toHaveLength(2);
};

test("an apply whose store fails at any request goes on, and comes to the same", async () => {
  const whole = await given();
  await apply(whole.service, whole.job);
  const counted = failAt(whole.service, 0);
  await work(whole.service);
  const total = counted.count();
  expect(total).toBeGreaterThan(20);
  for (let n = 1; n <= total; n += 2) {
    const { service, job } = await given();
    await apply(service, job);
    failAt(service, n);
    await work(service).catch(() => undefined);
    service.state.before = undefined;
    for (let turn = 0; turn < 3; turn += 1) {
      await service.pass(180_000);
      await work(service);
    }
    const { job: ended, items } = await read(service, job);
    expect([n, ended.status]).toEqual([n, "applied"]);
    // An object that a failure has left half-way needs other requests by then, and is told so.
    expect(items.filter(({ state }) => state === "planned")).toEqual([]);
    if (items.every(({ state }) => state === "applied")) await isRight(service);
  }
});

test("a plan whose store fails at any request goes on, and comes to the same plan", async () => {
  const { service: first, job: wanted } = await given();
  const { items: whole } = await read(first, wanted);
  for (let n = 1; n <= 60; n += 3) {
    const { service } = await given();
    failAt(service, n);
    const started = await sync(service, { mode: "plan" }).catch(() => undefined);
    service.state.before = undefined;
    for (let turn = 0; turn < 2; turn += 1) {
      await service.pass(180_000);
      await work(service);
    }
    const jobs = await service.run(() =>
      service.ports.integrationJobs.list(service.idOf("one"), "sync", { limit: 1 }),
    );
    const latest = jobs.items[0];
    if (!latest) throw new Error("no job");
    const { job, items } = await read(service, latest);
    expect([n, job.status, started !== undefined || true]).toEqual([n, "ready", true]);
    expect(items).toEqual(whole);
  }
});

test("a sync that is cancelled ends before its next step, and another one may begin", async () => {
  const { service, job } = await given();
  await apply(service, job);
  const { cancelSync } = await import("../../shared/syncs/cancel-sync.ts");
  await service.run(() => cancelSync(service.ports, job));
  await work(service);
  expect((await read(service, job)).job.status).toBe("cancelled");
  expect(service.sent).toEqual([]);
  expect((await sync(service, { mode: "plan" })).job.status).toBe("ready");
});

test("what if a group were bound: who would get an account, and nothing is changed", async () => {
  const service = await openService(["one"]);
  for (const id of ["ada", "bo"]) await service.save(id);
  await service.bind("one", "other", ["ada"]);
  await service.run(() =>
    import("../../shared/directory/save-group.ts").then(({ saveGroup }) =>
      saveGroup({ ports: service.ports, call: service.aCall() }, "team", {
        name: "Team",
        members: ["ada", "bo"],
      }),
    ),
  );
  service.sent.length = 0;
  const { job, items } = await sync(service, { mode: "plan", whatIf: { bind: "team" } });
  expect(job.status).toBe("ready");
  expect(
    items.map(({ kind, userId, groupId, action }) => [kind, userId ?? groupId, action]).toSorted(),
  ).toEqual([
    ["group", "team", "created"],
    ["member", "ada", "added"],
    ["member", "bo", "added"],
    ["user", "bo", "created"],
  ]);
  expect(service.sent).toEqual([]);
  expect(service.memory.groupLinks.size).toBe(1);
});
