import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ports } from "../../../shared/runtime/services.ts";
import type { Quirky } from "../../providers/quirky/quirky.ts";
import { until } from "../../support/quick-time.ts";
import { givenQuirkyAccount, givenQuirkyGroup } from "../../support/quirks.ts";
import { expectOk, givenGroup, scimError, useUsher } from "../../support/steps.ts";

const usher = useUsher();

const down = (provider: Quirky) => {
  provider.intercept = () => scimError(503, "Down for maintenance.");
};
const userWork = async (integrationId: string, id: string) =>
  (await ports.userLinks.read({ integrationId, id }))?.work;
const groupWork = async (integrationId: string, id: string) =>
  (await ports.groupLinks.read({ integrationId, id }))?.work;
/** Until it has reached every link. */
const untilDispatched = (userId: string) =>
  until(async () => (await ports.users.read(userId))?.changed === undefined);
const change = async (userId: string, fields: object) => {
  await usher.call("PATCH", `/users/${userId}`, fields);
  await untilDispatched(userId);
};
const suspend = (userId: string, suspended = true) => change(userId, { suspended });
const attemptsOf = async (path: string) => Number((await usher.call("GET", path)).body.attempts);
const stateOf = async (path: string) => (await usher.call("GET", path)).body.state;
/** What waits is due by then, and is tried. */
const untilTriedAgain = async (path: string) => {
  const before = await attemptsOf(path);
  await sleep(3_600_000);
  await usher.run.recover();
  while ((await attemptsOf(path)) <= before) await sleep(100);
};
const untilRetrying = async (integrationId: string, userId: string) => {
  while ((await userWork(integrationId, userId))?.state !== "retrying") await sleep(100);
};

test("a removal is asked for once, however often it is tried", async () => {
  const { provider, integration, userId, path } = await givenQuirkyAccount(usher, {});
  const { integrationId } = integration;
  down(provider);
  const askedAt = Date.now();
  await suspend(userId);
  await untilRetrying(integrationId, userId);
  const { since } = (await userWork(integrationId, userId)) ?? {};
  expect(Number(since) - askedAt).toBeLessThan(1_000);
  for (let tries = 0; tries < 3; tries += 1) await untilTriedAgain(path);
  expect(await userWork(integrationId, userId)).toMatchObject({ urgency: 0, since });
});

test("a removal after one that was carried out has a time of its own", async () => {
  const { provider, integration, userId, path } = await givenQuirkyAccount(usher, {});
  const { integrationId } = integration;
  const first = Date.now();
  await suspend(userId);
  await until(async () => (await stateOf(path)) === "in_sync");
  expect(await userWork(integrationId, userId)).toBeUndefined();
  await suspend(userId, false);
  await until(async () => (await stateOf(path)) === "in_sync");
  await sleep(600_000);
  down(provider);
  await suspend(userId);
  await untilRetrying(integrationId, userId);
  expect(Number((await userWork(integrationId, userId))?.since) - first).toBeGreaterThanOrEqual(600_000);
});

test("a removal behind another change that fails has a time of its own, and so has what is wanted after it", async () => {
  const { provider, integration, userId } = await givenQuirkyAccount(usher, {});
  const { integrationId } = integration;
  down(provider);
  const first = Date.now();
  await change(userId, { jobTitle: "Countess" });
  await untilRetrying(integrationId, userId);
  await sleep(600_000);
  await suspend(userId);
  const removal = await userWork(integrationId, userId);
  expect(removal).toMatchObject({ urgency: 0 });
  expect(Number(removal?.since) - first).toBeGreaterThanOrEqual(600_000);
  await sleep(600_000);
  await suspend(userId, false);
  // What is urgent stays so until it is tried.
  while ((await userWork(integrationId, userId))?.urgency !== 1) await sleep(100);
  const now = await userWork(integrationId, userId);
  expect(Number(now?.since) - first).toBeGreaterThanOrEqual(1_200_000);
});

test("one who is suspended and joins a group is to lose access for as long as before", async () => {
  const { provider, integration, userId } = await givenQuirkyAccount(usher, {});
  const { integrationId } = integration;
  const group = await givenGroup(usher, provider, integration, []);
  down(provider);
  await suspend(userId);
  await untilRetrying(integrationId, userId);
  const { since } = (await userWork(integrationId, userId)) ?? {};
  await sleep(600_000);
  await usher.call("POST", `${group.path}/members`, { add: [userId] });
  expect(await userWork(integrationId, userId)).toMatchObject({ urgency: 0, since });
});

test("a group that fails for those who join is urgent while one who left may be in it, and since they left", async () => {
  const { provider, integration, group, leaves } = await givenQuirkyGroup(usher, {});
  const { integrationId } = integration;
  const wrong = { email: "wrong@example.com", firstname: "Ada" };
  expectOk(await usher.call("PUT", "/users/without-a-lastname", wrong));
  const first = Date.now();
  await usher.call("POST", `${group.path}/members`, { add: ["without-a-lastname"] });
  await sleep(60_000);
  await usher.run.recover();
  await until(async () => (await groupWork(integrationId, group.groupId)) !== undefined);
  expect(await groupWork(integrationId, group.groupId)).toMatchObject({ urgency: 1 });
  await sleep(600_000);
  down(provider);
  await usher.call("POST", `${group.path}/members`, { remove: [leaves] });
  const work = await groupWork(integrationId, group.groupId);
  expect(work).toMatchObject({ urgency: 0 });
  expect(Number(work?.since) - first).toBeGreaterThanOrEqual(600_000);

  provider.intercept = undefined;
  await sleep(3_600_000);
  await usher.run.recover();
  await until(async () => (await groupWork(integrationId, group.groupId))?.urgency === 1);
  expect((await provider.groups())[0]?.members).toHaveLength(1);
});
