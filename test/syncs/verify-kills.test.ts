import { expect, test } from "vitest";
import { runJob } from "../../shared/jobs/run-job.ts";
import { startJob } from "../../shared/jobs/start-job.ts";
import { unavailable } from "../../shared/memory/request.ts";
import { recoverAttempts } from "../../shared/provisioning/calls/recover-attempts.ts";
import { workers } from "../provisioning/automatic/mortal-workers.ts";
import type { Service } from "../provisioning/automatic/service.ts";
import { read, steps, work } from "./support.ts";
import { drift, given, groupStatus, userStatus } from "./verify-support.ts";

const minuteMs = 60_000;
const nothing = () => undefined;

const begin = async () => {
  const service = await given();
  const { eve } = await drift(service);
  const input = { mode: "verify", repair: true };
  const job = await service.run(() =>
    startJob(service.ports, service.aCall(), { integrationId: service.idOf("one"), kind: "sync", input }),
  );
  return { service, job, eve };
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

/** Others go on with it, once its leases have ended. */
const goOn = async (service: Service) => {
  await service.pass(3 * minuteMs);
  await service.run(() => recoverAttempts(service.ports, { until: service.now() + 20_000 }));
  for (let turn = 0; turn < 3; turn += 1) await work(service);
};

const requireRepaired = async ({ service, job, eve }: Awaited<ReturnType<typeof begin>>, when: string) => {
  const after = await read(service, job);
  expect(after.job, when).toMatchObject({ status: "done" });
  const states = after.items.map(({ finding, state }) => (finding === "unknown" ? "" : state));
  expect(new Set(states), when).toEqual(new Set(["", "repaired"]));
  for (const userId of ["ada", "bo", "cy"])
    expect((await userStatus(service, userId)).state, when).toBe("in_sync");
  expect((await userStatus(service, "dee")).state, when).toBe("deprovisioned");
  expect((await groupStatus(service, "team")).state, when).toBe("in_sync");
  const accounts = await service.accounts("one");
  const open = accounts.filter(({ active }) => active).map(({ userName }) => userName.split("@")[0]);
  expect(open.sort(), when).toEqual(["ada", "bo", "cy", "eve"]);
  const [team] = await service.groups("one");
  expect(team, when).toMatchObject({ displayName: "team", members: { length: 4 } });
  expect(team?.members, when).toContain(eve);
};

test("a worker that dies at any request leaves a repair that others finish", {
  timeout: 120_000,
}, async () => {
  const whole = await begin();
  const requests = await workUntil(whole.service, 100_000);
  await goOn(whole.service);
  await requireRepaired(whole, "without a kill");
  expect(requests).toBeGreaterThan(100);
  for (let diesAt = 1; diesAt < requests; diesAt += 5) {
    const killed = await begin();
    await workUntil(killed.service, diesAt);
    await goOn(killed.service);
    await requireRepaired(killed, `killed at ${diesAt}`);
  }
});

test("a store that fails at any request leaves a repair that goes on", { timeout: 120_000 }, async () => {
  for (let failsAt = 0; failsAt < 240; failsAt += 6) {
    const failing = await begin();
    const { service } = failing;
    let requests = 0;
    service.state.before = () => {
      requests += 1;
      if (requests === failsAt) throw unavailable();
    };
    await workUntil(service, 100_000).catch(nothing);
    service.state.before = undefined;
    await goOn(service);
    const { job } = await read(service, failing.job);
    expect(job.status, `failed at ${failsAt}`).toBe("done");
    await requireRepaired(failing, `failed at ${failsAt}`);
  }
});
