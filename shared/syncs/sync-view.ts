import { Failure } from "../model/failure.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { SyncInput, SyncView } from "../model/sync.ts";
import type { JobKey } from "../provisioning/ports/integration-job-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/** A verification that has ended is `ready`, to be read, or `applied`, where it has repaired. */
const statusOf = ({ status, input }: IntegrationJob): SyncView["status"] => {
  if (status !== "done") return status;
  return (input as SyncInput).repair ? "applied" : "ready";
};

export const toSyncView = (job: IntegrationJob): SyncView => ({
  syncId: job.jobId,
  integrationId: job.integrationId,
  mode: (job.input as SyncInput).mode,
  status: statusOf(job),
  progress: job.progress,
  counts: job.counts,
  requestedAt: job.requestedAt,
  ...(job.finishedAt !== undefined && { finishedAt: job.finishedAt }),
  ...(job.error && { error: job.error }),
  ...(job.lastError && { lastError: job.lastError }),
});

/** @throws Failure `not-found` */
export const requireSync = async (
  { integrationJobs }: Pick<Ports, "integrationJobs">,
  key: JobKey,
): Promise<IntegrationJob> => {
  const job = await integrationJobs.read(key);
  if (job?.kind === "sync") return job;
  throw new Failure("not-found", `Integration ${key.integrationId} has no sync ${key.jobId}.`);
};
