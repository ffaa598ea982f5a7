import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIntegrationStore } from "../../shared/aws/integration-store.ts";
import { createRateSchedule } from "../../shared/aws/rate-budget-store.ts";
import { createRateBudgets } from "../../shared/scim/rate/rate-budget.ts";
import type { RateLimit, RateSchedule } from "../../shared/scim/rate/rate-port.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { type VirtualClock, virtualClock } from "../support/virtual-clock.ts";
import { clientWithHooks, forgetfulClient } from "./faults.ts";
import { rateScheduleContract } from "./rate-schedule-contract.ts";
import { makeAttempt, makeIntegration, newId } from "./samples.ts";

describe("rate schedule in the state table", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());

  /** A client of its own, as another process has. */
  const makeStore = async () => {
    const client = await clientWithHooks(db, {});
    return createRateSchedule({ client, tableName: db.stateTableName });
  };

  rateScheduleContract(makeStore);

  it("gives no slot twice when a reply is lost; those of the first lease are used by nobody", async () => {
    const id = { integrationId: newId("int"), version: 1 };
    const client = await forgetfulClient(db);
    const forgetful = createRateSchedule({ client, tableName: db.stateTableName });
    const wanted = { count: 2, intervalMs: 10, earliest: 1_000, latest: 9_000, now: 1_000 };
    const leases = [
      await (await makeStore()).lease(id, wanted),
      await forgetful.lease(id, wanted),
      await (await makeStore()).lease(id, wanted),
    ];
    expect(leases.map((lease) => "first" in lease && lease.first)).toEqual([1_000, 1_040, 1_060]);
  });

  /** A process with a clock of its own, on the real store; the store's answers take no time of the clock. */
  const makeProcess = async (time: VirtualClock, id: string, limit: RateLimit | undefined, errorMs = 0) => {
    const store = await makeStore();
    const calls = { count: 0 };
    const counted = <T>(work: () => Promise<T>): Promise<T> => {
      calls.count += 1;
      return time.outside(work);
    };
    const schedule: RateSchedule = {
      lease: (...args) => counted(() => store.lease(...args)),
      pause: (...args) => counted(() => store.pause(...args)),
    };
    const clock = { now: () => time.now() + errorMs, sleep: time.sleep };
    const budget = createRateBudgets(schedule, clock)({ integrationId: id, version: 1 }, limit);
    const sent: number[] = [];
    const send = (callers: number, ms: number) =>
      Promise.all(
        Array.from({ length: callers }, async () => {
          const until = clock.now() + ms;
          while ((await budget.take(until)) === 0) {
            sent.push(time.now());
            await time.sleep(25);
            await budget.noteAnswer({ status: 200 });
          }
        }),
      );
    return { budget, send, sent, calls };
  };

  it.each([
    ["clocks alike", 0],
    ["one clock 20 s ahead", 20_000],
    ["one clock 20 s behind", -20_000],
  ])("two processes use at least 95 %% of a limit together and never more: %s", async (_, errorMs) => {
    const limit = { perSecond: 50, burst: 10 };
    const id = newId("int");
    const time = virtualClock();
    const processes = [await makeProcess(time, id, limit), await makeProcess(time, id, limit, errorMs)];
    await time.run(Promise.all(processes.map(({ send }) => send(6, 20_000))));
    const sent = processes.flatMap((one) => one.sent).toSorted((a, b) => a - b);
    const seconds = ((sent.at(-1) ?? 0) - (sent[0] ?? 0)) / 1000;
    expect(seconds).toBeGreaterThan(19);
    expect(sent.length).toBeLessThanOrEqual(limit.perSecond * seconds + limit.burst);
    expect(sent.length).toBeGreaterThanOrEqual(0.95 * limit.perSecond * seconds);
    for (const one of processes) expect(one.sent.length).toBeGreaterThan(sent.length / 4);
    // A lease spans a quarter of a second, which here is 12 requests.
    const calls = processes.reduce((sum, one) => sum + one.calls.count, 0);
    expect(calls).toBeLessThan(sent.length / 9);
  });

  it("holds all processes back after a 429 in one of them", async () => {
    const limit = { perSecond: 50, burst: 1 };
    const id = newId("int");
    const time = virtualClock();
    const [refused, other] = [await makeProcess(time, id, limit), await makeProcess(time, id, limit)];
    let pausedAt = 0;
    const refuse = async () => {
      await time.sleep(1_000);
      pausedAt = time.now();
      await refused.budget.noteAnswer({ status: 429, retryAfterSeconds: 2 });
    };
    await time.run(Promise.all([refused.send(3, 5_000), other.send(3, 5_000), refuse()]));
    const between = (sent: number[], from: number, to: number) =>
      sent.filter((at) => at > pausedAt + from && at < pausedAt + to).length;
    expect(between(refused.sent, 0, 1_999)).toBe(0);
    // What it had leased before, and no more: two batches of a quarter of a second follow each other.
    expect(between(other.sent, 500, 1_999)).toBe(0);
    for (const { sent } of [refused, other]) expect(between(sent, 2_000, 4_000)).toBeGreaterThan(30);
  });

  it("tells a pause in the row of the integration, which those who lease nothing read, and makes no row", async () => {
    const id = newId("int");
    const integrations = createIntegrationStore({
      client: await clientWithHooks(db, {}),
      tableName: db.stateTableName,
    });
    const store = await makeStore();
    const subject = { integrationId: id, version: 1 };
    await store.pause(subject, 1_000);
    expect(await integrations.read(id)).toBeUndefined();
    const integration = makeIntegration({ integrationId: id });
    const attempt = { ...makeAttempt(Date.now() + 60_000, id), proposed: integration };
    await integrations.begin(id, 0, attempt);
    await store.pause(subject, 2_000);
    await integrations.settle(id, attempt, integration);
    for (const until of [5_000, 4_000]) await store.pause(subject, until);
    await store.pause({ ...subject, version: 2 }, 9_000);
    expect((await integrations.read(id))?.integration).toEqual({ ...integration, pausedUntil: 5_000 });
  });

  it("is not asked at all while no limit is known", async () => {
    const time = virtualClock();
    const process = await makeProcess(time, newId("int"), undefined);
    await time.run(process.send(8, 5_000));
    expect(process.sent.length).toBeGreaterThan(1_500);
    expect(process.calls.count).toBe(0);
  });
});
