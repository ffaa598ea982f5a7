import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ports } from "../../../shared/runtime/services.ts";
import { ENTERPRISE } from "../../providers/call.ts";
import { until } from "../../support/quick-time.ts";
import { givenQuirky } from "../../support/quirks.ts";
import { aPerson, expectOk, forget, givenProvisioned, useUsher, writes } from "../../support/steps.ts";

const usher = useUsher();
const hour = 3_600_000;

/** A user whose manager has no account there. */
const given = async (fields: object = {}) => {
  const { provider, integration } = await givenQuirky(usher, {}, fields);
  const boss = aPerson();
  const report = await givenProvisioned(usher, provider, integration, { manager: boss.userId });
  forget(provider);
  const { integrationId } = integration;
  const work = async () => (await ports.userLinks.read({ integrationId, id: report.userId }))?.work;
  const status = async () => (await usher.call("GET", report.path)).body;
  return { provider, integration, boss, report, work, status };
};

test("one whose manager has no account there is in step, waits for that, and is nobody's work", async () => {
  const { integration, boss, report, work, status } = await given();
  expect(await status()).toMatchObject({ state: "in_sync", waitsFor: [boss.userId] });
  expect(await work()).toMatchObject({ state: "in_sync", urgency: 1 });
  const { provisioning } = (await usher.call("GET", integration.path)).body;
  expect(provisioning).toMatchObject({ users: { in_sync: 1, pending: 0 } });
  expect(provisioning).not.toHaveProperty("oldestDueAt");
  const { integrationId } = integration;
  const attention = await usher.call("GET", `/attention?integrationId=${integrationId}`);
  expect(attention.body.items).toEqual([]);
  const pending = await usher.call("GET", `${integration.path}/users?state=pending`);
  expect(pending.body.items).toEqual([]);
  const listed = await usher.call("GET", `${integration.path}/users?state=in_sync`);
  expect(listed.body.items).toMatchObject([{ userId: report.userId, waitsFor: [boss.userId] }]);
});

test("a user who waits for the manager is looked at after an hour, then after twice as long, and nothing is sent", async () => {
  const { provider, work } = await given();
  const first = await work();
  for (const hours of [1, 2]) {
    const mark = await work();
    expect(Number(mark?.at) - Number(mark?.setAt)).toBeGreaterThanOrEqual(hours * hour);
    expect(Number(mark?.at) - Number(mark?.setAt)).toBeLessThan((hours + 1) * hour);
    await sleep(hours * hour);
    await usher.run.recover();
    await until(async () => Number((await work())?.at) > Number(mark?.at));
  }
  expect(await work()).toMatchObject({ state: "in_sync", since: first?.since });
  expect(provider.requests).toEqual([]);
});

test("the manager's id arrives by itself once the account is there", async () => {
  const { provider, integration, boss, work, status } = await given();
  const there = await usher.call("PUT", `${integration.path}/users/${boss.userId}`, boss.user);
  forget(provider);
  await sleep(hour);
  await usher.run.recover();
  await until(async () => (await status()).waitsFor === undefined);
  await until(async () => (await work()) === undefined);
  expect(await status()).toMatchObject({ state: "in_sync" });
  expect(writes(provider)).toHaveLength(1);
  const sent = (await provider.users()).find(({ userName }) => userName !== boss.user.email);
  expect(sent?.resource).toMatchObject({ [ENTERPRISE]: { manager: { value: there.body.remoteId } } });
});

test("a change of one who waits for the manager is sent at once", async () => {
  const { provider, report, status, work } = await given();
  expectOk(await usher.call("PATCH", `/users/${report.userId}`, { jobTitle: "Countess" }));
  await until(async () => writes(provider).length > 0 && (await status()).state === "in_sync");
  await until(async () => (await work())?.state === "in_sync");
});

test("nobody waits for a manager who is not sent", async () => {
  const { status, work } = await given({
    attributeMappings: [{ target: `${ENTERPRISE}:manager.value`, exclude: true }],
  });
  expect(await status()).toMatchObject({ state: "in_sync" });
  expect(await status()).not.toHaveProperty("waitsFor");
  expect(await work()).toBeUndefined();
});

test("one who is suspended waits for no manager", async () => {
  const { report, status, work } = await given();
  expectOk(await usher.call("PATCH", `/users/${report.userId}`, { suspended: true }));
  await until(async () => (await status()).active === false && (await work()) === undefined);
  expect(await status()).not.toHaveProperty("waitsFor");
});
