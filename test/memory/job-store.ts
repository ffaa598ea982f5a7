import { copyOf, type Request } from "../../shared/memory/request.ts";
import type { Job, JobStore } from "../../shared/provisioning/ports/job-store.ts";

export type JobItems = Map<string, Job>;

/** Jobs in memory. */
export const memoryJobStore = (items: JobItems, request: Request): JobStore => ({
  read: (name) => request(`read job ${name}`, () => copyOf(items.get(name))),
  save: (name, job) => request(`save job ${name}`, () => void items.set(name, copyOf(job))),
});
