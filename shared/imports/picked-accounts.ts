import type { JobRun } from "../jobs/run-job.ts";
import type { ImportPick, ImportRow } from "../model/import.ts";
import type { JobItem } from "../model/integration-job.ts";
import type { JobKey } from "../provisioning/ports/integration-job-store.ts";
import { accountIn, newPrefix, otherPrefix, placesOf } from "./account-items.ts";
import type { ImportWanted } from "./start-import.ts";

/** `taken`: how many that were new in the scan have a user since. */
export type ImportPlace = { next?: number; prefix?: string; cursor?: string; taken?: number };

/** The next accounts of an import, by where the scan keeps them, and the rows of those that are not to be. */
export type Picks = {
  picks: { item: JobItem; pick: ImportPick }[];
  rows: ImportRow[];
  next?: ImportPlace;
};

const atOnce = 25;

export const nextPicks = async (run: JobRun, place: ImportPlace): Promise<Picks> => {
  const wanted = run.job.input as unknown as ImportWanted;
  const scan = { integrationId: run.job.integrationId, jobId: wanted.scanId };
  return wanted.users
    ? pickNamed(run, scan, wanted.users, place.next ?? 0)
    : pickAll(run, scan, wanted, place);
};

const pickNamed = async (
  { ports }: JobRun,
  scan: JobKey,
  users: ImportPick[],
  from: number,
): Promise<Picks> => {
  const some = users.slice(from, from + atOnce);
  const items = await ports.integrationJobs.itemsAt(
    scan,
    some.flatMap(({ remoteId }) => placesOf(remoteId)),
  );
  const byId = new Map(items.map((item) => [accountIn(item).remoteId, item]));
  const picks = some.flatMap((pick) => {
    const item = byId.get(pick.remoteId);
    return item ? [{ item, pick }] : [];
  });
  const rows = some.flatMap(({ remoteId }): ImportRow[] =>
    byId.has(remoteId)
      ? []
      : [{ remoteId, result: "failed", error: `The last scan shows no account ${remoteId}. Scan again.` }],
  );
  const next = from + atOnce;
  return { picks, rows, ...(next < users.length && { next: { next } }) };
};

/** All that were new when they were scanned and, where those that match are linked, all others, too. */
const pickAll = async (
  { ports, job }: JobRun,
  scan: JobKey,
  { matched, includeInactive }: ImportWanted,
  { prefix = newPrefix, cursor }: ImportPlace,
): Promise<Picks> => {
  const page = { limit: atOnce, ...(cursor !== undefined && { cursor }) };
  const { items, nextCursor } = await ports.integrationJobs.items(scan, page, prefix);
  const isWanted = (item: JobItem): boolean => {
    const { status, importedBy } = accountIn(item);
    // The other account of one in conflict may be gone, which the import finds out.
    const isToLink = status === "matched" || (status === "conflict" && matched === "link");
    return status === "new" || isToLink || importedBy === job.jobId;
  };
  const wanted = items.filter(isWanted);
  const isLeftOut = (item: JobItem) => !includeInactive && accountIn(item).shown.active === false;
  const rows = wanted.filter(isLeftOut).map(
    (item): ImportRow => ({
      remoteId: accountIn(item).remoteId,
      result: "skipped",
      error: "The account is inactive. Import it with includeInactive, or by itself.",
    }),
  );
  const picks = wanted
    .filter((item) => !isLeftOut(item))
    .map((item) => ({ item, pick: { remoteId: accountIn(item).remoteId } }));
  const isMore = prefix === newPrefix && matched === "link";
  return {
    picks,
    rows,
    ...(nextCursor !== undefined && { next: { prefix, cursor: nextCursor } }),
    ...(nextCursor === undefined && isMore && { next: { prefix: otherPrefix } }),
  };
};
