import { expect, test } from "vitest";
import { dispatchChange } from "../../../shared/provisioning/automatic/dispatch-change.ts";
import { drainIntegration } from "../../../shared/provisioning/automatic/drain-integration.ts";
import { sweepWork } from "../../../shared/provisioning/automatic/sweep.ts";
import { aUser, openService, type Service } from "./service.ts";

const minuteMs = 60_000;
const sweep = (service: Service) =>
  service.run(() => sweepWork(service.ports, { until: service.now() + minuteMs }));
const drain = (service: Service, name: string) =>
  service.run(() => drainIntegration(service.ports, service.idOf(name), { until: service.now() + minuteMs }));

/** Ada in two integrations, and a change of hers of which no record of the stream has come. */
const given = async (): Promise<Service> => {
  const service = await openService(["one", "two"]);
  await service.save("ada");
  for (const name of ["one", "two"]) await service.assign(name, "ada");
  await service.patch("ada", { jobTitle: "Countess" });
  service.sent.length = 0;
  await service.pass(1);
  return service;
};

test("a change whose record is lost is dispatched by the next sweep", async () => {
  const service = await given();
  expect(await sweep(service)).toEqual([]);
  expect(service.memory.users.get("ada")?.changed).toBeUndefined();
  for (const name of ["one", "two"]) {
    expect(service.woken).toContain(service.idOf(name));
    await drain(service, name);
    expect((await service.accounts(name))[0]?.resource.title).toBe("Countess");
  }
  service.woken.length = 0;
  expect(await sweep(service)).toEqual([]);
  expect(service.woken).toEqual([]);
});

test("an integration whose wake-up is lost is woken by the next sweep, and no other", async () => {
  const service = await given();
  await service.run(() => dispatchChange(service.ports, { kind: "user", id: "ada" }));
  await drain(service, "two");
  service.woken.length = 0;
  await sweep(service);
  expect(service.woken).toEqual([service.idOf("one")]);
});

test("two sweeps at once, each with its worker, send nothing twice", async () => {
  const service = await given();
  const both = () =>
    Promise.all(
      [1, 2].map(async () => {
        await sweepWork(service.ports, { until: service.now() + minuteMs });
        await drainIntegration(service.ports, service.idOf("one"), { until: service.now() + minuteMs });
      }),
    );
  await service.run(both);
  expect(service.sent.filter(({ method }) => method !== "GET")).toHaveLength(1);
});

test("changes that cannot be dispatched keep none behind them waiting, and are told", async () => {
  const service = await openService(["one"]);
  for (const userId of ["zoe", "zed"]) {
    await service.save(userId);
    await service.assign("one", userId);
  }
  // Far more than a page, each changed before the two.
  for (let at = 0; at < 450; at += 1) {
    const userId = `bad${at}`;
    const changed = { at: service.now(), since: service.now() };
    await service.run(() => service.ports.users.save(userId, 0, aUser(userId), { changed }));
  }
  for (const userId of ["zoe", "zed"]) await service.patch(userId, { jobTitle: "Countess" });
  service.state.before = (what) => {
    if (what.startsWith("read user bad")) throw new TypeError("a bug");
  };
  await service.pass(1);
  expect(await sweep(service)).toHaveLength(450);
  for (const userId of ["zoe", "zed"]) expect(service.memory.users.get(userId)?.changed).toBeUndefined();
  await drain(service, "one");
  expect((await service.accounts("one")).map(({ resource }) => resource.title)).toEqual([
    "Countess",
    "Countess",
  ]);
});
