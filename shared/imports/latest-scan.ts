import { Failure } from "../model/failure.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { scanDays } from "./account-items.ts";

export type Scan = IntegrationJob & { finishedAt: string };

const dayMs = 86_400_000;
/** Newer ones may be under way, have failed or been cancelled. */
const lookedAt = 50;

/** The last scan of an integration that is whole, while its accounts are kept. @throws Failure `not-found` */
export const latestScan = async (
  { integrationJobs, clock }: Pick<Ports, "integrationJobs" | "clock">,
  integrationId: string,
): Promise<Scan> => {
  const { items } = await integrationJobs.list(integrationId, "scan", { limit: lookedAt });
  // Its first accounts are kept from when they were read.
  const isGood = ({ status, finishedAt, requestedAt }: IntegrationJob): boolean =>
    status === "done" && finishedAt !== undefined && clock.now() < Date.parse(requestedAt) + scanDays * dayMs;
  const scan = items.find((job): job is Scan => isGood(job));
  if (scan) return scan;
  throw new Failure(
    "not-found",
    `The accounts of integration ${integrationId} were not scanned in the last ${scanDays} days. Scan them with POST /integrations/${integrationId}/import/scans.`,
  );
};
