import type { Job, JobStore } from "../provisioning/ports/job-store.ts";
import { jobKey } from "./table/keys.ts";
import { createStateTable, type TableAccess } from "./table/state-table.ts";

/** Jobs in the state table, one item each. */
export const createJobStore = (access: TableAccess): JobStore => {
  const table = createStateTable(access);
  return {
    read: async (name) => (await table.get<{ job: Job }>(jobKey(name)))?.job,
    save: async (name, job) => void (await table.put(jobKey(name), { job })),
  };
};
