import { expect, test } from "vitest";
import { runJob } from "../../shared/jobs/run-job.ts";
import { recoverAttempts } from "../../shared/provisioning/calls/recover-attempts.ts";
import { applyPlan } from "../../shared/syncs/apply-plan.ts";
import { workers } from "../provisioning/automatic/mortal-workers.ts";
import { openService, type Service } from "../provisioning/automatic/service.ts";
import { read, rehearseCall, steps, sync, work } from "./support.ts";

const minuteMs = 60_000;

/** A plan of one of each, which is applied. */
const begin = async () => {
  const service = await openService(["one"]);
  for (const id of ["ada", "bo", "cy", "dee"]) await service.save(id);
  await service.bind("one", "team", ["ada", "bo"]);
  await service.assign("one", "cy");
  await service.pass(5 * minuteMs);
  await service.patch("ada", { jobTitle: "Countess" });
  await service.patch("cy", { suspended: true });
  await service.members("team", { add: ["dee"], remove: ["bo"] });
  const { job } = await sync(service, { mode: "plan" });
  await service.run(() =>
    applyPlan(service.ports, rehearseCall, service.aCall(), {
      integrationId: service.idOf("one"),
      jobId: job.jobId,
    }),
  );
  return { service, job };
};

/** A worker that dies at that request; how many it has made. */
const workUntil = async (service: Service, diesAt: number): Promise<number> => {
  const { promise: death, resolve } = Promise.withResolvers<void>();
  const worker = { diesAt, die: resolve };
  const until = service.now() + minuteMs;
  const job = () => runJob(service.otherPorts(), service.idOf("one"), { until, steps });
  await service.run(() => workers.run(worker, () => Promise.race([job(), death])));
  return diesAt - worker.diesAt;
};

test("a worker that dies at any request leaves an apply that others finish, each row with its event", {
  timeout: 120_000,
}, async () => {
  const whole = await begin();
  const requests = await workUntil(whole.service, 100_000);
  expect(requests).toBeGreaterThan(50);
  for (let diesAt = 1; diesAt < requests; diesAt += 3) {
    const { service, job } = await begin();
    const when = `killed at ${diesAt}`;
    await workUntil(service, diesAt);
    await service.pass(3 * minuteMs);
    await service.run(() => recoverAttempts(service.ports, { until: service.now() + 20_000 }));
    for (let turn = 0; turn < 3; turn += 1) await work(service);
    const { job: ended, items } = await read(service, job);
    expect(ended.status, when).toBe("applied");
    expect(
      items.filter(({ state }) => state !== "applied"),
      when,
    ).toEqual([]);
    const events = new Set([...service.memory.events.values()].map(({ event }) => event.id));
    for (const { eventId } of items) expect(events.has(eventId ?? ""), when).toBe(true);
    const names = (await service.accounts("one")).map(
      ({ userName, active }) => `${userName.split("@")[0]} ${active}`,
    );
    expect(names.toSorted(), when).toEqual(["ada true", "bo false", "cy false", "dee true"]);
  }
});
