import { decodeCursor, encodeCursor, pageOf } from "../common/cursor.ts";
import { timeOfUuidV7 } from "../model/ids.ts";
import {
  type IntegrationJob,
  isOpen,
  type JobItem,
  type JobKind,
  jobKinds,
} from "../model/integration-job.ts";
import type { IntegrationJobStore, JobKey } from "../provisioning/ports/integration-job-store.ts";
import { jobItemsList, jobsList } from "../provisioning/ports/list-names.ts";
import { createBatches } from "./table/batches.ts";
import {
  integrationJobKey,
  integrationJobs,
  jobItemKey,
  jobItems,
  type Key,
  openJobKey,
  openJobMark,
  openJobs,
} from "./table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "./table/state-table.ts";

/** Which job is open, since when it is named so (Unix ms). */
type Open = { jobId: string; kind: JobKind; at: number };

/** A job that is named as the open one is there soon after, or never. */
const madeWithinMs = 60_000;
const daySeconds = 86_400;
const keptSeconds = 30 * daySeconds;

/** Jobs and their items in the state table; which job is open is an item of its own, taken by one conditional write. */
export const createIntegrationJobStore = ({
  now = Date.now,
  ...access
}: TableAccess & { now?: () => number }): IntegrationJobStore => {
  const table = createStateTable(access);
  const batches = createBatches(access);
  const at = ({ integrationId, jobId }: JobKey, kind: JobKind): Key =>
    integrationJobKey(integrationId, kind, jobId, timeOfUuidV7(jobId) ?? 0);
  /** DynamoDB may delete what has expired much later. */
  const isKept = ({ expiresAt }: { expiresAt: number }): boolean => expiresAt > now() / 1000;
  const expiryIn = (seconds: number): number => Math.ceil(now() / 1000) + seconds;

  const readOf = async (key: JobKey, kind: JobKind): Promise<IntegrationJob | undefined> =>
    (await table.get<{ job: IntegrationJob }>(at(key, kind)))?.job;
  const openOf = (integrationId: string) => table.get<Open>(openJobKey(integrationId));

  /** Names `job` as the open one, in place of `instead`, which is none where nobody is named. */
  const name = (
    { integrationId, jobId, kind }: IntegrationJob,
    instead: Open | undefined,
  ): Promise<boolean> => {
    const mark: Open = { jobId, kind, at: now() };
    const free = instead
      ? { when: "#jobId = :instead", values: { instead: instead.jobId } }
      : { when: "attribute_not_exists(#pk)" };
    return table.put(openJobKey(integrationId), { ...mark, ...openJobMark(integrationId, mark.at) }, free);
  };
  /** The job that is named as the open one, where that is another and has not ended, or may be made yet. */
  const otherOpen = async (job: IntegrationJob, open: Open): Promise<IntegrationJob | undefined> => {
    if (open.jobId === job.jobId) return undefined;
    const other = await readOf({ ...job, jobId: open.jobId }, open.kind);
    if (other) return isOpen(other) ? other : undefined;
    return open.at > now() - madeWithinMs ? { ...job, jobId: open.jobId, kind: open.kind } : undefined;
  };
  /** Name it as the open one. Answers the job that is open instead. */
  const takePlace = async (job: IntegrationJob): Promise<IntegrationJob | undefined> => {
    for (;;) {
      const open = await openOf(job.integrationId);
      const other = open && (await otherOpen(job, open));
      if (other) return other;
      if (open?.jobId === job.jobId || (await name(job, open))) return undefined;
    }
  };
  const save = async (job: IntegrationJob): Promise<IntegrationJob | undefined> => {
    const saved: IntegrationJob = { ...job, rev: job.rev + 1 };
    const kept = { job: saved, rev: saved.rev, expiresAt: expiryIn(keptSeconds) };
    const unmoved = { when: "#rev = :rev", values: { rev: job.rev } };
    if (!(await table.put(at(job, job.kind), kept, unmoved))) return undefined;
    if (!isOpen(saved)) await endOpen(saved);
    return saved;
  };
  /** A repeated call finds it made, and perhaps further on. */
  const make = async (job: IntegrationJob): Promise<IntegrationJob> => {
    const kept = { job, rev: job.rev, expiresAt: expiryIn(keptSeconds) };
    const isMade = await table.put(at(job, job.kind), kept, { when: "attribute_not_exists(#pk)" });
    return isMade ? job : ((await readOf(job, job.kind)) ?? job);
  };
  const endOpen = async ({ integrationId, jobId }: JobKey): Promise<void> => {
    await table.remove(openJobKey(integrationId), { when: "#jobId = :jobId", values: { jobId } });
  };

  return {
    async open(wanted) {
      const job: IntegrationJob = { ...wanted, rev: 1 };
      return (await takePlace(job)) ?? make(job);
    },
    reopen: async (job) => (await takePlace(job)) ?? save(job),

    async current(integrationId) {
      const open = await openOf(integrationId);
      const job = open && (await readOf({ integrationId, jobId: open.jobId }, open.kind));
      return job && isOpen(job) ? job : undefined;
    },

    async openOnes(limit) {
      const pages = table.pages<{ workSk: string }>(openJobs, { index: "byWork", fields: ["workSk"], limit });
      return (await takeFrom(pages, limit)).map(({ workSk }) => workSk.slice(workSk.indexOf("#") + 1));
    },

    async read(key) {
      const found = await Promise.all(jobKinds.map((kind) => table.get<StoredJob>(at(key, kind))));
      return found.find((item) => item !== undefined && isKept(item))?.job;
    },

    async list(integrationId, kind, { limit, cursor }) {
      const list = jobsList(integrationId, kind);
      const range = integrationJobs(integrationId, kind, decodeCursor(list, cursor, places));
      const read = await takeFrom(table.pages<StoredJob>(range, { limit: limit + 1 }), limit + 1);
      const page = pageOf(read, limit, ({ sk }) => encodeCursor(list, sk.slice(`${kind}#`.length)));
      return { ...page, items: page.items.filter(isKept).map(({ job }) => job) };
    },

    save,

    async putItems({ integrationId, jobId }, items, days = 1) {
      const expiresAt = expiryIn(days * daySeconds);
      const put = items.map(({ place, data }) => ({
        ...jobItemKey(integrationId, jobId, place),
        data,
        expiresAt,
      }));
      await batches.write({ put });
    },
    async items({ integrationId, jobId }, { limit, cursor }, prefix) {
      const list = jobItemsList(jobId);
      const after = decodeCursor(list, cursor, places);
      const range = jobItems({ integrationId, jobId }, after, prefix);
      const read = await takeFrom(table.pages<Stored>(range, { limit: limit + 1 }), limit + 1);
      const page = pageOf(read, limit, ({ sk }) => encodeCursor(list, sk));
      return { ...page, items: page.items.filter(isKept).map(toItem) };
    },
    async itemsAt({ integrationId, jobId }, wanted) {
      const keys = wanted.map((place) => jobItemKey(integrationId, jobId, place));
      return (await batches.get<Stored>(keys)).filter(isKept).map(toItem);
    },
  };
};

type StoredJob = Key & { job: IntegrationJob; expiresAt: number };
type Stored = Key & { data: JobItem["data"]; expiresAt: number };
const toItem = ({ sk, data }: Stored): JobItem => ({ place: sk, data });

/** Part of a sort key. */
const places = /^[\x21-\x7e]{1,512}$/;
