import { cancelJob } from "../jobs/run-job.ts";
import type { SyncView } from "../model/sync.ts";
import type { JobKey } from "../provisioning/ports/integration-job-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { requireSync, toSyncView } from "./sync-view.ts";

/**
 * Let a sync end before its next step; what was carried out stays so. One that has ended is left as it is.
 * @throws Failure `not-found`
 */
export const cancelSync = async (ports: Ports, key: JobKey): Promise<SyncView> => {
  const job = await requireSync(ports, key);
  return toSyncView((await cancelJob(ports, key)) ?? job);
};
