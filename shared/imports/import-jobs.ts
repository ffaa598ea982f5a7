import { encodeCursor, type Page, type PageOf } from "../common/cursor.ts";
import { fillPage } from "../common/fill-page.ts";
import { cancelJob } from "../jobs/run-job.ts";
import { Failure } from "../model/failure.ts";
import type { ImportJobView, ImportRow } from "../model/import.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { JobKey } from "../provisioning/ports/integration-job-store.ts";
import { jobItemsList } from "../provisioning/ports/list-names.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

export const toImportJobView = (job: IntegrationJob): ImportJobView => ({
  jobId: job.jobId,
  integrationId: job.integrationId,
  kind: job.kind === "scan" ? "scan" : "import",
  status: job.status === "ready" || job.status === "applied" ? "done" : job.status,
  progress: job.progress,
  counts: job.counts,
  requestedAt: job.requestedAt,
  ...(job.finishedAt !== undefined && { finishedAt: job.finishedAt }),
  ...(job.error && { error: job.error }),
  ...(job.lastError && { lastError: job.lastError }),
});

/** A scan or an import. @throws Failure `not-found` */
export const getImportJob = async (ports: Ports, key: JobKey): Promise<ImportJobView> =>
  toImportJobView(await requireJob(ports, key));

/** Let it end before its next step; who was imported stays so. @throws Failure `not-found` */
export const cancelImportJob = async (ports: Ports, key: JobKey): Promise<ImportJobView> => {
  const job = await requireJob(ports, key);
  return toImportJobView((await cancelJob(ports, key)) ?? job);
};

/** What became of each account of an import so far. @throws Failure `not-found`, `invalid-cursor` */
export const listImportRows = async (ports: Ports, key: JobKey, page: Page): Promise<PageOf<ImportRow>> => {
  const job = await requireJob(ports, key);
  return fillPage(page, {
    read: (part) => ports.integrationJobs.items(job, part, "R#"),
    show: async (rows) => rows.map(({ data }) => data as unknown as ImportRow),
    cursorAt: ({ place }) => encodeCursor(jobItemsList(job.jobId), place),
    isFiltered: false,
    now: () => ports.clock.now(),
  });
};

const requireJob = async (
  { integrationJobs }: Pick<Ports, "integrationJobs">,
  key: JobKey,
): Promise<IntegrationJob> => {
  const job = await integrationJobs.read(key);
  if (job && job.kind !== "sync") return job;
  throw new Failure("not-found", `Integration ${key.integrationId} has no import or scan ${key.jobId}.`);
};
