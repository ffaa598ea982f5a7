import { expect, test } from "vitest";
import { pauseRestored } from "../../../shared/integrations/pause-restored.ts";
import { runLifecycleAttempt } from "../../../shared/integrations/run-lifecycle-attempt.ts";
import { serviceActor } from "../../../shared/model/event.ts";
import { ports } from "../../../shared/runtime/services.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  eventsOf,
  forget,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  passTime,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = async () => {
  const provider = await givenProvider(startScimmy);
  return { provider, ...(await givenIntegration(usher, provider)) };
};
/** A change whose process is gone; where `isKept`, all was done but to record it. */
const givenCutOff = async (integrationId: string, isKept: boolean): Promise<void> => {
  const { integration } = (await ports.integrations.read(integrationId)) ?? {};
  if (!integration) throw new Error("the integration is not there");
  const call = { actor: serviceActor({ id: "test", type: "test" }), sendUntil: soon(), answerUntil: soon() };
  const change = { eventType: "idm_integration_update" as const, changes: [], integration };
  const propose = () => ({ ...integration, version: integration.version + 1 });
  await new Promise<void>((resolve) => {
    void runLifecycleAttempt({ ports, call }, change, propose, async ({ proposed, keep }) => {
      if (isKept) await keep(proposed);
      resolve();
      return new Promise(() => {});
    });
  });
};
const soon = () => Date.now() + 120_000;
const statusOf = async (path: string) => (await usher.call("GET", path)).body.status;
const pausesOf = async (integrationId: string) =>
  (await eventsOf(usher, `integrationId=${integrationId}&eventType=idm_integration_update`)).filter(
    ({ changes }) => JSON.stringify(changes).includes('"paused"'),
  );

/** Activated, and away since: what is asked for is due, again and again. */
const givenDue = async () => {
  const one = await given();
  const known = await givenProvisioned(usher, one.provider, one);
  one.provider.intercept = () => ({ status: 503 });
  const joiner = aPerson();
  await usher.call("PUT", `${one.path}/users/${joiner.userId}`, joiner.user);
  await usher.call("PATCH", `/users/${known.userId}`, { suspended: true });
  return { ...one, known, joiner };
};

test("nothing that was due in restored data is sent before somebody resumes, and each pause is an event", async () => {
  const { provider, integrationId, path, known, joiner } = await givenDue();
  expect(await statusOf(path)).toBe("active");
  expect(await pauseRestored(ports, { until: soon() })).toBeGreaterThan(0);
  expect(await statusOf(path)).toBe("paused");
  provider.intercept = undefined;
  forget(provider);
  passTime(3_600_000);
  await usher.run.recover();
  expect(provider.requests).toEqual([]);
  expect(await pausesOf(integrationId)).toMatchObject([
    {
      success: true,
      initiated_by: { type: "service", id: "usher" },
      reason: expect.stringContaining("Restored data"),
      correlation: { type: "restore" },
      changes: [{ field: "paused", from: false, to: true }],
    },
  ]);

  await usher.call("POST", `${path}/resume`);
  await usher.run.recover();
  await until(async () => (await provider.users()).some((one) => one.userName === joiner.user.email));
  await until(async () =>
    (await provider.users()).some((one) => one.userName === known.user.email && !one.active),
  );
});

test("what is paused already stays as it is, what is deleted stays deleted, and a second time changes nothing", async () => {
  const [one, gone] = [await given(), await given()];
  await usher.call("POST", `${one.path}/pause`, undefined, { "change-reason": "TICKET-1" });
  await usher.call("DELETE", gone.path);
  const version = async () => (await usher.call("GET", one.path)).body.version;
  const before = await version();
  await pauseRestored(ports, { until: soon() });
  await pauseRestored(ports, { until: soon() });
  expect(await version()).toBe(before);
  expect(await pausesOf(one.integrationId)).toMatchObject([{ reason: "TICKET-1" }]);
  expect(await statusOf(gone.path)).toBe("deleted");
});

test("a change that was cut off by the copy is settled first, so that it cannot undo the pause", async () => {
  const { integrationId, path } = await given();
  await givenCutOff(integrationId, true);
  await pauseRestored(ports, { until: soon() });
  expect(await statusOf(path)).toBe("paused");
  passTime(120_000);
  await usher.run.recover();
  expect(await statusOf(path)).toBe("paused");
});

test("a change that may still be under way when the time is over fails the pause, so that nothing begins", async () => {
  const { integrationId } = await given();
  await givenCutOff(integrationId, false);
  await expect(pauseRestored(ports, { until: Date.now() + 1_000 })).rejects.toMatchObject({
    code: "attempt-in-progress",
  });
});
