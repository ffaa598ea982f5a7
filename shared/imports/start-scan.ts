import { startJob } from "../jobs/start-job.ts";
import type { ImportJobView, ScanInput } from "../model/import.ts";
import { requireActive } from "../provisioning/attempts/require-integration.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { requireVerifiable } from "../verification/open-reader.ts";
import { toImportJobView } from "./import-jobs.ts";
import { connectionOf } from "./scan-connection.ts";

/**
 * Begin to read the accounts of an integration's service provider; it goes on by itself, also while the integration is
 * paused.
 * @throws Failure `not-found`, `integration-not-active`, `integration-needs-reauth`, `acknowledgement-needed`,
 * `job-in-progress`
 */
export const startScan = async (
  ports: Ports,
  call: Call,
  integrationId: string,
  { acknowledgeManaged }: ScanInput,
): Promise<ImportJobView> => {
  const integration = await requireActive(ports, integrationId);
  requireVerifiable(ports, integration, { acknowledgeManaged });
  const input = connectionOf(integration);
  return toImportJobView(await startJob(ports, call, { integrationId, kind: "scan", input }));
};
