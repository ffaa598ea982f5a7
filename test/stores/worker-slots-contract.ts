import { expect, it } from "vitest";
import type { WorkerSlots } from "../../shared/provisioning/ports/worker-slots.ts";
import { newId } from "./samples.ts";

/** What every store of slots owes. `passTime` moves its clock. */
export const workerSlotsContract = (
  open: () => Promise<{ slots: WorkerSlots; now(): number; passTime(ms: number): void }>,
) => {
  it("has two for each integration, also for many who ask at once", async () => {
    const { slots, now } = await open();
    const [one, other] = [newId("int"), newId("int")];
    const taken = await Promise.all(Array.from({ length: 8 }, () => slots.take(one, now() + 90_000)));
    expect(taken.filter(Boolean)).toHaveLength(2);
    expect(await slots.take(other, now() + 90_000)).toBeDefined();
  });

  it("has one again that was given back", async () => {
    const { slots, now } = await open();
    const id = newId("int");
    const [first] = [await slots.take(id, now() + 90_000), await slots.take(id, now() + 90_000)];
    expect(await slots.take(id, now() + 90_000)).toBeUndefined();
    await first?.release();
    expect(await slots.take(id, now() + 90_000)).toBeDefined();
    expect(await slots.take(id, now() + 90_000)).toBeUndefined();
  });

  it("replaces a holder who died, once its time is over, and lets it take nothing back", async () => {
    const { slots, now, passTime } = await open();
    const id = newId("int");
    const [dead] = [await slots.take(id, now() + 1_000), await slots.take(id, now() + 90_000)];
    passTime(999);
    expect(await slots.take(id, now() + 90_000)).toBeUndefined();
    passTime(1);
    expect(await slots.take(id, now() + 90_000)).toBeDefined();
    await dead?.release();
    expect(await slots.take(id, now() + 90_000)).toBeUndefined();
  });
};
