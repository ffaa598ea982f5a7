import { omit } from "../common/objects.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { SyncInput } from "../model/sync.ts";
import { changeStanding } from "../provisioning/attempts/standing.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/** Nobody waits for a verification that began by itself: where it has failed, people are told until one has succeeded. */
export const noteVerification = async (ports: Ports, job: IntegrationJob): Promise<void> => {
  if (job.kind !== "sync" || (job.input as SyncInput).mode !== "verify") return;
  const { integrationId, jobId, asked, status, error } = job;
  const isOver = status === "done";
  if (!isOver && !(status === "failed" && asked.by.type === "service")) return;
  await changeStanding(ports, integrationId, (now) => {
    if (isOver) return now.unverified && omit(now, "unverified");
    if (now.unverified?.syncId === jobId) return undefined;
    const since = now.unverified?.since ?? ports.clock.now();
    return { ...now, unverified: { syncId: jobId, since, detail: error?.detail ?? "" } };
  });
};
