import { beforeEach, expect, it } from "vitest";
import type { Lease, RateSchedule, RateSubject } from "../../shared/scim/rate/rate-port.ts";
import { newId } from "./samples.ts";

const at = 1_700_000_000_000;
const wanted = (changes: Partial<Parameters<RateSchedule["lease"]>[1]> = {}) => ({
  count: 1,
  intervalMs: 40,
  earliest: at,
  latest: at + 60_000,
  now: at,
  ...changes,
});
const firstOf = (lease: Lease): number => {
  if (!("first" in lease)) throw new Error("nothing was leased");
  return lease.first;
};

/** What every RateSchedule owes its callers. `makeStore`: each call is another process. */
export const rateScheduleContract = (makeStore: () => Promise<RateSchedule>): void => {
  let one: RateSchedule;
  let other: RateSchedule;
  let id: RateSubject;
  beforeEach(async () => {
    one = await makeStore();
    other = await makeStore();
    id = { integrationId: newId("int"), version: 1 };
  });

  it("leases slots one behind the other, whoever asks", async () => {
    expect(firstOf(await one.lease(id, wanted({ count: 3 })))).toBe(at);
    expect(firstOf(await other.lease(id, wanted({ count: 2 })))).toBe(at + 120);
    expect(firstOf(await one.lease(id, wanted({ count: 1, intervalMs: 100 })))).toBe(at + 200);
    expect(firstOf(await one.lease(id, wanted()))).toBe(at + 300);
  });

  it("never leases a slot twice, also to many at once", async () => {
    const leases = await Promise.all(
      Array.from({ length: 30 }, (_, nth) => [one, other][nth % 2]?.lease(id, wanted({ count: 2 }))),
    );
    const firsts = leases.map((lease) => firstOf(lease as Lease)).toSorted((a, b) => a - b);
    expect(firsts).toEqual(Array.from({ length: 30 }, (_, nth) => at + nth * 80));
  });

  it("lets go what nobody asked for in time", async () => {
    await one.lease(id, wanted());
    const later = { earliest: at + 5_000, latest: at + 9_000, now: at + 5_100 };
    expect(firstOf(await other.lease(id, wanted(later)))).toBe(at + 5_000);
    expect(firstOf(await one.lease(id, wanted(later)))).toBe(at + 5_040);
  });

  it("leases nothing where the next slot comes too late, and says when it is", async () => {
    await one.lease(id, wanted({ count: 100 }));
    const impatient = wanted({ latest: at + 1_000, now: at + 7 });
    expect(await other.lease(id, impatient)).toEqual({ nextFree: at + 4_000, clock: at, pausedUntil: 0 });
    expect(firstOf(await other.lease(id, wanted()))).toBe(at + 4_000);
  });

  it("tells what the last to lease took for the time", async () => {
    expect((await one.lease(id, wanted())).clock).toBe(at);
    expect((await other.lease(id, wanted({ now: at + 50_000 }))).clock).toBe(at);
    expect((await one.lease(id, wanted())).clock).toBe(at + 50_000);
  });

  it("tells all of a pause; the latest end counts", async () => {
    await one.pause(id, at + 2_000);
    await other.pause(id, at + 1_000);
    expect((await other.lease(id, wanted())).pausedUntil).toBe(at + 2_000);
    await other.pause(id, at + 3_000);
    expect((await one.lease(id, wanted())).pausedUntil).toBe(at + 3_000);
  });

  it("tells nothing of a pause of the integration as it was before a change", async () => {
    await one.pause(id, at + 2_000);
    const changed = { ...id, version: 2 };
    expect((await other.lease(changed, wanted())).pausedUntil).toBe(0);
  });

  it("keeps integrations apart, and intervals that are no whole number", async () => {
    expect(firstOf(await one.lease(id, wanted({ count: 3, intervalMs: 1000 / 3 / 0.98 })))).toBe(at);
    expect(firstOf(await one.lease({ integrationId: newId("int"), version: 1 }, wanted()))).toBe(at);
    expect(firstOf(await other.lease(id, wanted()))).toBeCloseTo(at + 1020.408, 2);
  });
};
