import { listPage } from "../../shared/memory/list-page.ts";
import { copyOf, type Request } from "../../shared/memory/request.ts";
import { type IntegrationJob, isOpen, type JobItem } from "../../shared/model/integration-job.ts";
import type { IntegrationJobStore, JobKey } from "../../shared/provisioning/ports/integration-job-store.ts";
import { jobItemsList, jobsList } from "../../shared/provisioning/ports/list-names.ts";

/** Jobs by id, their items by place, and which one is open at an integration. */
export type IntegrationJobItems = {
  jobs: Map<string, IntegrationJob>;
  items: Map<string, Map<string, JobItem>>;
  open: Map<string, string>;
};

export const emptyIntegrationJobs = (): IntegrationJobItems => ({
  jobs: new Map(),
  items: new Map(),
  open: new Map(),
});

/** Jobs of integrations in memory. */
export const memoryIntegrationJobStore = (
  { jobs, items, open }: IntegrationJobItems,
  request: Request,
): IntegrationJobStore => {
  const at = ({ integrationId, jobId }: JobKey): IntegrationJob | undefined => {
    const job = jobs.get(jobId);
    return job?.integrationId === integrationId ? job : undefined;
  };
  const openAt = (integrationId: string): IntegrationJob | undefined => {
    const job = jobs.get(open.get(integrationId) ?? "");
    return job && isOpen(job) ? job : undefined;
  };
  /** The latest has the least place. */
  const placeOf = ({ jobId }: IntegrationJob): string =>
    jobId.replace(/[0-9a-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
  return {
    open: (job) =>
      request("open job", () => {
        const other = openAt(job.integrationId);
        if (other && other.jobId !== job.jobId) return copyOf(other);
        const known = at(job);
        if (known) return copyOf(known);
        jobs.set(job.jobId, copyOf({ ...job, rev: 1 }));
        open.set(job.integrationId, job.jobId);
        return copyOf({ ...job, rev: 1 });
      }),
    reopen: (job) =>
      request("reopen job", () => {
        const other = openAt(job.integrationId);
        if (other && other.jobId !== job.jobId) return copyOf(other);
        if (at(job)?.rev !== job.rev) return undefined;
        jobs.set(job.jobId, copyOf({ ...job, rev: job.rev + 1 }));
        open.set(job.integrationId, job.jobId);
        return copyOf({ ...job, rev: job.rev + 1 });
      }),
    current: (integrationId) => request("read open job", () => copyOf(openAt(integrationId))),
    openOnes: (limit) => request("read open jobs", () => [...open.keys()].slice(0, limit)),
    read: (key) => request("read job of integration", () => copyOf(at(key))),
    list: (integrationId, kind, page) =>
      request("list jobs", () => {
        const own = [...jobs.values()].filter(
          (job) => job.integrationId === integrationId && job.kind === kind,
        );
        return listPage(jobsList(integrationId, kind), own, placeOf, page);
      }),
    save: (job) =>
      request("save job of integration", () => {
        if (at(job)?.rev !== job.rev) return undefined;
        const saved = copyOf({ ...job, rev: job.rev + 1 });
        jobs.set(job.jobId, saved);
        if (!isOpen(saved) && open.get(job.integrationId) === job.jobId) open.delete(job.integrationId);
        return copyOf(saved);
      }),
    putItems: ({ jobId }, put) =>
      request("put items of job", () => {
        if (new Set(put.map(({ place }) => place)).size < put.length) throw new Error("a place is put twice");
        const own = items.get(jobId) ?? new Map<string, JobItem>();
        for (const item of put) own.set(item.place, copyOf(item));
        items.set(jobId, own);
      }),
    items: ({ jobId }, page, prefix = "") =>
      request("list items of job", () =>
        listPage(
          jobItemsList(jobId),
          [...(items.get(jobId)?.values() ?? [])].filter(({ place }) => place.startsWith(prefix)),
          ({ place }) => place,
          {
            ...page,
            places: /^[\x21-\x7e]{1,512}$/,
          },
        ),
      ),
    itemsAt: ({ jobId }, places) =>
      request("read items of job", () =>
        places.flatMap((place) => copyOf(items.get(jobId)?.get(place)) ?? []),
      ),
  };
};
