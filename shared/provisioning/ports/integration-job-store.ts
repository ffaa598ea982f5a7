import type { Page, PageOf } from "../../common/cursor.ts";
import type { IntegrationJob, JobItem, JobKind } from "../../model/integration-job.ts";

export type JobKey = { integrationId: string; jobId: string };

/**
 * Jobs of integrations, and what they are about. Reads are strongly consistent but for `openOnes`; a job is changed under its
 * revision, and its items are written without a condition. Both expire some time after they were written last.
 */
export type IntegrationJobStore = {
  /**
   * Make the job, and the integration's open one. Answers the job that is open then: another one where one is, whose place
   * is taken only once it has ended, or was never made within a minute. The same call again is safe.
   */
  open(job: Omit<IntegrationJob, "rev">): Promise<IntegrationJob>;
  /** The same of one that had ended, or waited, at its `rev`. Undefined where it moved. */
  reopen(job: IntegrationJob): Promise<IntegrationJob | undefined>;
  /** The open job, whoever works on it. */
  current(integrationId: string): Promise<IntegrationJob | undefined>;
  /** Integrations with an open job, by the sparse index, the oldest first. */
  openOnes(limit: number): Promise<string[]>;
  read(key: JobKey): Promise<IntegrationJob | undefined>;
  /** Jobs of a kind, the latest first. Throws Failure `invalid-cursor`. */
  list(integrationId: string, kind: JobKind, page: Page): Promise<PageOf<IntegrationJob>>;
  /** Save, if it is still at its `rev`; the job then. An ended one gives up its place as the open one. */
  save(job: IntegrationJob): Promise<IntegrationJob | undefined>;

  /** Put items, or replace them; no place twice. */
  putItems(key: JobKey, items: JobItem[]): Promise<void>;
  /** Items by place; with a `prefix`, which ends in `#`, those whose place begins with it. Throws Failure `invalid-cursor`. */
  items(key: JobKey, page: Page, prefix?: string): Promise<PageOf<JobItem>>;
  /** Those of these places that are there. */
  itemsAt(key: JobKey, places: string[]): Promise<JobItem[]>;
};
