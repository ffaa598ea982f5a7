import { expect, test } from "vitest";
import { saveGroup } from "../../shared/directory/save-group.ts";
import { runJob } from "../../shared/jobs/run-job.ts";
import { unavailable } from "../../shared/memory/request.ts";
import { recoverAttempts } from "../../shared/provisioning/calls/recover-attempts.ts";
import { workers } from "../provisioning/automatic/mortal-workers.ts";
import type { Service } from "../provisioning/automatic/service.ts";
import { beginImport, beginScan, given, jobOf, scan, status, steps, work, writes } from "./support.ts";

const minuteMs = 60_000;
const nothing = () => undefined;
const names = ["ada", "bo", "cy"];
const userIds = names.map((name) => `${name}@example.com`);

/** An import into a group is begun: two are new, one is matched. */
const beginImporting = async () => {
  const { service, ids } = await given(Object.fromEntries(names.map((name) => [name, {}])));
  const { ports, aCall, run } = service;
  await service.save("cy@example.com", { email: "cy@example.com" });
  await run(() => saveGroup({ ports, call: aCall() }, "team", { name: "Team", members: [] }));
  await scan(service);
  const job = await beginImport(service, { allNew: true, matched: "link", groupId: "team" });
  return { service, ids, job };
};

/** A worker that dies at that request; how many it has made. */
const workUntil = async (service: Service, diesAt: number): Promise<number> => {
  const { promise: death, resolve } = Promise.withResolvers<void>();
  const worker = { diesAt, die: resolve };
  const job = () =>
    runJob(service.otherPorts(), service.idOf("one"), { until: service.now() + minuteMs, steps });
  await service.run(() => workers.run(worker, () => Promise.race([job().then(nothing), death])));
  return diesAt - worker.diesAt;
};

const goOn = async (service: Service) => {
  for (let turn = 0; turn < 3; turn += 1) {
    await service.pass(3 * minuteMs);
    await service.run(() => recoverAttempts(service.ports, { until: service.now() + 20_000 }));
    await work(service);
  }
};

const requireImported = async (
  { service, ids, job }: Awaited<ReturnType<typeof beginImporting>>,
  when: string,
) => {
  const after = await jobOf(service, job);
  expect(after.job, when).toMatchObject({ status: "done", counts: { created: 2, linked: 1 } });
  const rows = after.rows.map(({ remoteId, userId, result }) => [remoteId, userId, result]);
  expect(rows.sort(), when).toEqual(
    [
      [ids.ada, userIds[0], "created"],
      [ids.bo, userIds[1], "created"],
      [ids.cy, userIds[2], "linked"],
    ].sort(),
  );
  const { items: users } = await service.run(() => service.ports.users.list({ limit: 10 }));
  expect(
    users.map(({ userId, version }) => [userId, version]),
    when,
  ).toEqual(userIds.map((userId) => [userId, 1]));
  for (const userId of userIds) {
    const shown = await status(service, userId);
    const remoteId = ids[userId.split("@")[0] ?? ""];
    expect(shown, when).toMatchObject({ state: "unmanaged", remoteId });
  }
  const ofJob = [...service.memory.events.values()]
    .map((one) => ("event" in one ? one.event : one))
    .filter(({ correlation }) => correlation.id === job.jobId);
  const told = (wanted: string) =>
    ofJob.flatMap(({ event_type: type, resource }) => (type === wanted ? [resource.id] : [])).sort();
  expect(told("user_create"), when).toEqual(userIds.slice(0, 2));
  expect(told("user_update_provision"), when).toEqual(userIds.slice(2));
  const team = await service.run(() => service.ports.groups.read("team"));
  expect(team?.memberCount, when).toBe(3);
  expect(writes(service), when).toEqual([]);
};

test("a worker that dies at any request leaves an import that others finish: nobody twice, no row lost", {
  timeout: 120_000,
}, async () => {
  const whole = await beginImporting();
  const requests = await workUntil(whole.service, 100_000);
  await requireImported(whole, "without a kill");
  expect(requests).toBeGreaterThan(30);
  for (let diesAt = 1; diesAt < requests; diesAt += 1) {
    const killed = await beginImporting();
    await workUntil(killed.service, diesAt);
    await goOn(killed.service);
    await requireImported(killed, `killed at ${diesAt} of ${requests}`);
  }
});

test("a store that fails at any request, before or after it is carried out, leaves an import that goes on", {
  timeout: 120_000,
}, async () => {
  for (const when of ["before", "after"] as const) {
    for (let failsAt = 1; ; failsAt += 1) {
      const failing = await beginImporting();
      const { service } = failing;
      let requests = 0;
      service.state[when] = () => {
        requests += 1;
        if (requests === failsAt) throw unavailable();
      };
      await workUntil(service, 100_000).catch(nothing);
      service.state[when] = undefined;
      await goOn(service);
      await requireImported(failing, `failed ${when} ${failsAt}`);
      if (requests < failsAt) break;
    }
  }
});

test("a scan goes on where its worker died, and shows each account once", { timeout: 60_000 }, async () => {
  const people = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`p${at}`, {}]));
  const open = () => given(people, { overrides: { paging: { style: "index" as const, maxCount: 5 } } });
  const whole = await open();
  await beginScan(whole.service);
  const requests = await workUntil(whole.service, 100_000);
  for (let diesAt = 1; diesAt < requests; diesAt += 1) {
    const { service } = await open();
    const begun = await beginScan(service);
    await workUntil(service, diesAt);
    await goOn(service);
    const { job } = await jobOf(service, begun);
    expect(job, `killed at ${diesAt}`).toMatchObject({
      status: "done",
      progress: { done: 12 },
      counts: { new: 12 },
    });
    const { items } = await service.run(() => service.ports.integrationJobs.items(job, { limit: 100 }));
    expect(items, `killed at ${diesAt}`).toHaveLength(12);
  }
});
