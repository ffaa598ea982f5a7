import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { scanDays } from "./account-items.ts";
import { isOfConnection } from "./scan-connection.ts";

export type Scan = IntegrationJob & { finishedAt: string };

const dayMs = 86_400_000;
/** Newer ones may be under way, have failed or been cancelled. */
const lookedAt = 50;

/** Until when the accounts of a scan are kept: RFC 3339. */
export const scanEnd = ({ requestedAt }: Pick<IntegrationJob, "requestedAt">): string =>
  new Date(Date.parse(requestedAt) + scanDays * dayMs).toISOString();

/** The last scan that came to its end, while its accounts are kept, and the integration's connection is the one it was read with. */
export const findScan = async (
  { integrationJobs, clock }: Pick<Ports, "integrationJobs" | "clock">,
  integration: Integration,
): Promise<Scan | undefined> => {
  const { items } = await integrationJobs.list(integration.integrationId, "scan", { limit: lookedAt });
  // Its first accounts are kept from when they were read.
  const isGood = (job: IntegrationJob): job is Scan =>
    job.status === "done" &&
    job.finishedAt !== undefined &&
    clock.now() < Date.parse(scanEnd(job)) &&
    isOfConnection(integration, job);
  return items.find(isGood);
};

/** The same. @throws Failure `not-found` where there is none */
export const latestScan = async (
  ports: Pick<Ports, "integrationJobs" | "clock">,
  integration: Integration,
): Promise<Scan> => {
  const scan = await findScan(ports, integration);
  if (scan) return scan;
  const { integrationId } = integration;
  throw new Failure(
    "not-found",
    `The accounts of integration ${integrationId} were not scanned in the last ${scanDays} days with the base URL and the credentials that it has now. Scan them with POST /integrations/${integrationId}/import/scans.`,
  );
};
