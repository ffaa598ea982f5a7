import { expect, test } from "vitest";
import { drainIntegration } from "../../../shared/provisioning/automatic/drain-integration.ts";
import { sweepWork } from "../../../shared/provisioning/automatic/sweep.ts";
import { openService } from "./service.ts";

test("a member whose account a call for one group has opened joins the other groups that wait, too", async () => {
  const service = await openService(["one"]);
  const settle = async () => {
    await service.pass(60_000);
    await service.run(() => sweepWork(service.ports, { until: service.now() + 60_000 }));
    const until = service.now() + 60_000;
    await service.run(() => drainIntegration(service.ports, service.idOf("one"), { until }));
  };
  for (const userId of ["ada", "bo"]) await service.save(userId);
  await service.bind("one", "first", ["ada", "bo"]);
  await service.bind("one", "second", ["bo"]);
  await service.patch("ada", { suspended: true });
  await settle();
  await service.members("second", { add: ["ada"] });
  await settle();
  // The call comes before anybody has dispatched the change.
  await service.patch("ada", { suspended: false });
  await service.bind("one", "first", ["ada", "bo"]);
  await settle();
  await settle();
  const membersOf = async (name: string) =>
    (await service.groups("one")).find(({ displayName }) => displayName === name)?.members;
  expect(await membersOf("first")).toHaveLength(2);
  expect(await membersOf("second")).toHaveLength(2);
});
