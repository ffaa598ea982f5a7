import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  type Body,
  expectOk,
  givenIntegration,
  givenProvider,
  type Person,
  passTime,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** People with accounts. */
const given = async (count: number) => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const people = Array.from({ length: count }, () => aPerson());
  for (const { userId, user } of people)
    expectOk(await usher.call("PUT", `${integration.path}/users/${userId}`, user));
  return {
    provider,
    people,
    holds: `${integration.path}/holds`,
    at: (userId = "") => `${integration.path}/users/${userId}`,
    openOnes: async () => (await provider.users()).filter(({ active }) => active).length,
  };
};

const stateOf = async (path: string) => (await usher.call("GET", path)).body.state;
const holdsAt = async (path: string): Promise<Body[]> => expectOk(await usher.call("GET", path)).body.items;

const suspend = async ({ userId, user }: { userId: string; user: Person }, suspended = true) =>
  expectOk(await usher.call("PUT", `/users/${userId}`, { ...user, suspended }));

test("who is suspended in the directory beyond what is free is held in one hold, and closed once approved", async () => {
  const { people, holds, at, openOnes } = await given(15);
  for (const person of people) await suspend(person);
  await until(async () => (await openOnes()) === 5);
  await until(async () => (await holdsAt(holds))[0]?.count === 5);
  const [hold, ...others] = await holdsAt(holds);
  expect(others).toEqual([]);
  const { items } = expectOk(await usher.call("GET", `${holds}/${hold?.holdId}`)).body;
  expect(items).toHaveLength(5);
  for (const { userId } of items) {
    await until(async () => (await stateOf(at(String(userId)))) === "held");
    expect((await usher.call("GET", at(String(userId)))).body).toMatchObject({
      desired: "inactive",
      active: true,
      holdId: hold?.holdId,
    });
  }
  expectOk(await usher.call("POST", `${holds}/${hold?.holdId}/approve`, { count: 5 }));
  await until(async () => (await openOnes()) === 0);
  for (const { userId } of people) await until(async () => (await stateOf(at(userId))) === "in_sync");
});

test("an approval is for one time: who is back, and suspended again, is held anew", async () => {
  const { people, holds, at, openOnes } = await given(11);
  for (const person of people) await suspend(person);
  await until(async () => (await holdsAt(holds))[0]?.count === 1);
  const [hold] = await holdsAt(holds);
  const [item] = expectOk(await usher.call("GET", `${holds}/${hold?.holdId}`)).body.items;
  expectOk(await usher.call("POST", `${holds}/${hold?.holdId}/approve`, { count: 1 }));
  await until(async () => (await openOnes()) === 0);
  const person = people.find(({ userId }) => userId === item?.userId) ?? aPerson();
  await until(async () => (await stateOf(at(person.userId))) === "in_sync");
  await suspend(person, false);
  await until(async () => (await stateOf(at(person.userId))) === "in_sync");
  expect(await openOnes()).toBe(1);
  await suspend(person);
  await until(async () => (await stateOf(at(person.userId))) === "held");
  expect((await holdsAt(holds)).map(({ state, count }) => [state, count])).toEqual([
    ["approved", 1],
    ["open", 1],
  ]);
  expect(await openOnes()).toBe(1);
});

test("who is rejected stays open, and one who is active again leaves the hold", async () => {
  const { people, holds, at, openOnes } = await given(12);
  for (const person of people) await suspend(person);
  await until(async () => (await holdsAt(holds))[0]?.count === 2);
  const [hold] = await holdsAt(holds);
  const path = `${holds}/${hold?.holdId}`;
  const [first, second] = expectOk(await usher.call("GET", path)).body.items;
  const of = (item: Body | undefined) => people.find(({ userId }) => userId === item?.userId) ?? aPerson();
  expectOk(await usher.call("POST", `${path}/reject`, { count: 1, userIds: [of(first).userId] }));
  await suspend(of(second), false);
  await until(async () => (await stateOf(at(of(second).userId))) === "in_sync");
  await until(async () => (await holdsAt(holds))[0]?.state === "rejected");
  expect((await usher.call("GET", path)).body).toMatchObject({ count: 1, items: [{ state: "rejected" }] });

  const { userId, user } = of(first);
  await suspend({ userId, user: { ...user, jobTitle: "Another" } });
  await until(async () => (await stateOf(at(userId))) === "held");
  expect(await openOnes()).toBe(2);
  expect((await usher.call("DELETE", `${at(userId)}?confirm=1`)).status).toBe(200);
  expect(await openOnes()).toBe(1);
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "emptied", items: [] });
});

test("leavers beyond what is free are told to be held, and go once approved", async () => {
  const { people, holds, openOnes } = await given(12);
  const receiptsOf = async (userId: string) => {
    const { status, body } = await usher.call("DELETE", `/users/${userId}`);
    return { status, receipts: body.receipts as Body[] };
  };
  for (const { userId } of people.slice(0, 10))
    expect(await receiptsOf(userId)).toMatchObject({ status: 200, receipts: [{ action: "deleted" }] });
  for (const { userId } of people.slice(10)) {
    const held = { action: "unchanged", state: "held", holdId: expect.any(String), eventIds: [] };
    expect(await receiptsOf(userId)).toMatchObject({ status: 202, receipts: [held] });
    expect((await usher.call("GET", `/users/${userId}`)).body).toMatchObject({
      deletedAt: expect.any(String),
      integrations: [{ state: "held", active: true }],
    });
  }
  expect(await openOnes()).toBe(2);
  const [hold, ...others] = await holdsAt(holds);
  expect([hold?.count, others]).toEqual([2, []]);
  expectOk(await usher.call("POST", `${holds}/${hold?.holdId}/approve`, { count: 2 }));
  for (const { userId } of people.slice(10))
    await until(async () => (await usher.call("GET", `/users/${userId}`)).status === 404);
  expect(await openOnes()).toBe(0);
});

test("an account that a confirmed call could not close is closed by itself, though nothing is free", async () => {
  const { provider, people, holds, at, openOnes } = await given(12);
  for (const { userId } of people.slice(0, 10)) expectOk(await usher.call("DELETE", at(userId)));
  const [taken, suspended] = people.slice(10);
  if (!taken || !suspended) throw new Error("there are twelve");
  provider.intercept = ({ method }) => (method === "GET" ? undefined : scimError(503, "Not now."));
  expect((await usher.call("DELETE", `${at(taken.userId)}?confirm=1`)).status).toBe(202);
  const body = { ...suspended.user, suspended: true };
  expect((await usher.call("PUT", `${at(suspended.userId)}?confirm=1`, body)).status).toBe(202);
  expect(await openOnes()).toBe(2);
  provider.intercept = undefined;
  passTime(10 * 60_000);
  await until(async () => (await openOnes()) === 0);
  expect(await holdsAt(holds)).toEqual([]);
});

test("one who is locked is shut out, whatever the guard holds, and leaves the hold", async () => {
  const { people, holds, openOnes } = await given(11);
  for (const person of people) await suspend(person);
  await until(async () => (await holdsAt(holds))[0]?.count === 1);
  const [hold] = await holdsAt(holds);
  const path = `${holds}/${hold?.holdId}`;
  const [item] = expectOk(await usher.call("GET", path)).body.items;
  expectOk(await usher.call("POST", `/users/${item?.userId}/lock`, { reason: "stolen laptop" }));
  expect(await openOnes()).toBe(0);
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "emptied", items: [] });
});

test("a hold that nobody knows is 404, and so is one of another integration", async () => {
  const { holds } = await given(0);
  const path = `${holds}/01900000-0000-7000-8000-000000000000`;
  for (const [method, suffix, body] of [
    ["GET", "", undefined],
    ["POST", "/approve", { count: 1 }],
    ["POST", "/reject", { count: 1 }],
  ] as const)
    expect(await usher.call(method, `${path}${suffix}`, body)).toMatchObject({
      status: 404,
      body: { code: "not-found" },
    });
  expect(await holdsAt(holds)).toEqual([]);
});
