import { expect, it } from "vitest";
import type { JobStore } from "../../shared/provisioning/ports/job-store.ts";
import { newId } from "./samples.ts";

/** What every store of jobs owes. */
export const jobStoreContract = (open: () => Promise<JobStore>) => {
  it("knows nothing of a job that was never begun", async () => {
    expect(await (await open()).read(newId("job"))).toBeUndefined();
  });

  it("keeps the whole of what was saved last, and each job apart", async () => {
    const jobs = await open();
    const [one, other] = [newId("job"), newId("job")];
    const place = { integrationId: "int_1", kind: "user", cursor: "c1" } as const;
    await jobs.save(one, { passes: 0, hasFailed: true, place });
    await jobs.save(other, { passes: 1, notBefore: 1_000 });
    expect(await jobs.read(one)).toEqual({ passes: 0, hasFailed: true, place });
    await jobs.save(one, { passes: 2, doneAt: "2026-11-27T09:00:00.000Z" });
    expect(await jobs.read(one)).toEqual({ passes: 2, doneAt: "2026-11-27T09:00:00.000Z" });
    expect(await jobs.read(other)).toEqual({ passes: 1, notBefore: 1_000 });
  });
};
