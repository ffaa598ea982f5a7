import { expect, test } from "vitest";
import { updateIntegration } from "../../../shared/integrations/update-integration.ts";
import { dispatchChange } from "../../../shared/provisioning/automatic/dispatch-change.ts";
import { drainIntegration } from "../../../shared/provisioning/automatic/drain-integration.ts";
import { decideHold } from "../../../shared/provisioning/holds/decide-hold.ts";
import { openService } from "./service.ts";

const limit = 5;

/** Two groups that are bound, with the same people in both; the guard lets `limit` accounts go in an hour. */
const given = async (groupIds: string[], count: number) => {
  const service = await openService(["only"]);
  const { ports, run, idOf, aCall } = service;
  const integrationId = idOf("only");
  const people = Array.from({ length: count }, (_, at) => `user-${at}`);
  for (const userId of people) await service.save(userId);
  for (const groupId of groupIds) await service.bind("only", groupId, people);
  const policies = { guard: { users: limit, percent: 0, most: limit }, unassignedGrace: "0" };
  await run(() => updateIntegration(ports, aCall(), { integrationId }, { policies, test: { mode: "read" } }));
  const drain = () => drainIntegration(ports, integrationId, { until: service.now() + 90_000 });
  /** Each leaves these groups, after the one before by so much, while workers are at it. */
  const leaveOneByOne = async (from: string[], gapMs: number) => {
    const workers: Promise<unknown>[] = [];
    for (const userId of people) {
      for (const groupId of from) await service.remove(groupId, userId);
      for (const groupId of from) {
        await dispatchChange(ports, { kind: "group", id: groupId });
        workers.push(drain());
      }
      await ports.clock.sleep(gapMs);
    }
    await Promise.all(workers);
  };
  const closed = async () => (await service.accounts("only")).filter(({ active }) => active === false).length;
  const members = async () => (await service.groups("only")).flatMap(({ members }) => members ?? []).length;
  /** Once; what is asked for anew then is in another hold. */
  const approve = async () => {
    const { items } = await ports.holds.list(integrationId, { limit: 100 });
    for (const { holdId, state, count } of items)
      if (state === "open")
        await decideHold({ ports, call: aCall() }, { integrationId, holdId }, "approved", { count });
  };
  return { ...service, people, drain, leaveOneByOne, approve, closed, members };
};

/** Time for what waits for a moment, or for another worker. */
const settle = async ({ drain, pass, run }: Awaited<ReturnType<typeof given>>) => {
  for (let round = 0; round < 4; round += 1) {
    await pass(31_000);
    await run(drain);
  }
};

const expectLimited = async (groupIds: string[], gapMs: number) => {
  const service = await given(groupIds, 20);
  const { run, leaveOneByOne, approve, closed, members } = service;
  await run(() => leaveOneByOne(groupIds, gapMs));
  await settle(service);
  expect(await closed(), `with a gap of ${gapMs} ms`).toBeLessThanOrEqual(limit);
  for (let round = 0; round < 3; round += 1) {
    await run(approve);
    await settle(service);
  }
  expect([await closed(), await members()], `approved, with a gap of ${gapMs} ms`).toEqual([20, 0]);
};

test("members who leave one after another go as far as the guard allows, and the others once approved", async () => {
  for (const gapMs of [0, 3, 7, 13, 29, 53, 97]) await expectLimited(["group"], gapMs);
});

test("so do members who leave two groups at once, of which each counts on the other to hold them", async () => {
  for (const gapMs of [0, 7, 29, 97]) await expectLimited(["one", "other"], gapMs);
});
