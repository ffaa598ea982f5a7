import { existingGroup } from "../directory/save-group.ts";
import { startJob } from "../jobs/start-job.ts";
import type { ImportInput, ImportJobView } from "../model/import.ts";
import type { JsonObject } from "../model/json.ts";
import { toJson } from "../model/json.ts";
import { requireActive } from "../provisioning/attempts/require-integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { toImportJobView } from "./import-jobs.ts";
import { latestScan } from "./latest-scan.ts";
import { connectionOf } from "./scan-connection.ts";

/** What a job of kind `import` is asked for. `scannedAt`: Unix ms. */
export type ImportWanted = ImportInput & { scanId: string; scannedAt: number };

/**
 * Begin to take accounts of the last scan into the directory; it goes on by itself, also while the integration is paused.
 * @throws Failure `not-found`, also where there is no scan, or no such group; `integration-not-active`, `job-in-progress`
 */
export const startImport = async (
  ports: Ports,
  call: Call,
  integrationId: string,
  input: ImportInput,
): Promise<ImportJobView> => {
  const integration = await requireActive(ports, integrationId);
  const scan = await latestScan(ports, integration);
  const { groupId } = input;
  if (groupId !== undefined) existingGroup(await ports.groups.read(groupId), groupId);
  const wanted: ImportWanted = { ...input, scanId: scan.jobId, scannedAt: Date.parse(scan.finishedAt) };
  const job = await startJob(ports, call, {
    integrationId,
    kind: "import",
    input: { ...(toJson(wanted) as JsonObject), ...connectionOf(integration) },
  });
  return toImportJobView(job);
};
