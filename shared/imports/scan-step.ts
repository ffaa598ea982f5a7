import type { JobRun, JobStep } from "../jobs/run-job.ts";
import { callOfJob } from "../jobs/start-job.ts";
import { Failure } from "../model/failure.ts";
import type { JobItem } from "../model/integration-job.ts";
import type { JsonObject } from "../model/json.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ListPlace } from "../provisioning/ports/service-provider.ts";
import { openReader, reading } from "../verification/open-reader.ts";
import { accountIn, placesOf, scanDays, toAccount, toAccountItem } from "./account-items.ts";
import { findScan, type Scan, scanEnd } from "./latest-scan.ts";
import { matchAccounts } from "./match-accounts.ts";
import { isOfConnection } from "./scan-connection.ts";
import { noteNames } from "./user-names.ts";

/**
 * `names`: where the walk through the directory goes on. `total`: the most that the service provider told of since the list
 * was begun.
 */
type ScanPlace = { names?: string; at?: ListPlace; page: number; restarts: number; total?: number };

/** A list that goes on for longer has no end. */
const mostPages = 20_000;
const mostRestarts = 2;

/** Notes the names of the directory's users, then reads the provider's accounts page by page, and keeps each with whose it is. */
export const scanStep = async (run: JobRun): Promise<JobStep> => {
  const { ports, integration, job } = run;
  if (!isOfConnection(integration, job))
    throw new Failure(
      "not-found",
      "The base URL or the credentials of the integration were changed while it was scanned. Scan again.",
    );
  const { names, ...place } = (job.place ?? { names: "", page: 0, restarts: 0 }) as ScanPlace;
  if (names !== undefined) {
    const next = await noteNames(run, names === "" ? undefined : names, scanDays);
    return { place: { ...place, ...(next !== undefined && { names: next }) } };
  }
  if (place.page >= mostPages)
    throw new Failure(
      "provider-malformed",
      `The service provider's list of accounts did not end within ${mostPages} pages: it cannot be imported from.`,
    );
  const page = await readPage(run, place);
  if (page === "restart") {
    const next = { page: 0, restarts: place.restarts + 1 };
    return { place: next, counts: {}, progress: { done: 0 } };
  }
  const mark = `${place.restarts}.${place.page}`;
  const accounts = new Map(page.items.map((item) => [item.id, toAccount(integration, item)]));
  const before = await placesBefore(run, [...accounts.keys()], place);
  const own = [...accounts.values()].filter(({ remoteId }) => before.get(remoteId)?.isOfPage !== false);
  const matches = await matchAccounts({ ports, integration }, own, job);
  const counts = { ...job.counts };
  const items = own.map((account): JobItem => {
    const { status, userIds } = matches.get(account.remoteId) ?? { status: "new", userIds: [] };
    counts[status] = (counts[status] ?? 0) + 1;
    const [userId] = userIds;
    const scanned = { ...account, status, page: mark, ...(userId !== undefined && { userId }) };
    return toAccountItem(scanned, before.get(account.remoteId)?.place);
  });
  await ports.integrationJobs.putItems(job, items, scanDays);
  const done = job.progress.done + items.length;
  const total = mostOf(place.total, page.total);
  // Some show their last page for ever.
  const isNew = accounts.size === 0 || items.length > 0;
  if (page.next && isNew)
    return {
      counts,
      progress: { done, total: Math.max(done, total ?? 0) },
      place: {
        ...place,
        at: page.next,
        page: place.page + 1,
        ...(total !== undefined && { total }),
      } as JsonObject,
    };
  const isRefused = accounts.size === 0 && page.total === undefined;
  return endOfList(run, { done, total: believed(total, page.total), isRefused }, counts);
};

const mostOf = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);

/** Some are deleted while a list is read, and its total falls with them; one that falls by more than a tenth broke off. */
const believed = (most: number | undefined, last: number | undefined): number | undefined =>
  most !== undefined && last !== undefined && last >= most * 0.9 ? last : most;

type Shown = { done: number; total: number | undefined; isRefused: boolean };

/**
 * A list that ends before its own total may be whole, since some count what they do not show; or it broke off. It is
 * nobody's scan where it broke off for sure, with nothing shown or a page that is refused (`isRefused`), and where there is
 * one before that it would take the place of. So is a list that shows nobody at all, where there were accounts.
 */
const endOfList = async (
  { ports, integration }: JobRun,
  { done, total = done, isRefused }: Shown,
  counts: Record<string, number>,
): Promise<JobStep> => {
  const progress = { done, total: done };
  const isWhole = total <= done;
  if (isWhole && done > 0) return { status: "done", counts, progress };
  const before = await findScan(ports, integration);
  if (isWhole) return { ...endOfNothing(before), counts, progress };
  const told = { counts: { ...counts, unlisted: total - done }, progress: { done, total } };
  if (!before && !isRefused && done > 0) return { ...told, status: "done", progress };
  const kept = before ? ` The accounts of the scan of ${before.finishedAt} stay.` : "";
  return {
    ...told,
    status: "failed",
    error: {
      code: "provider-malformed",
      detail: `The service provider's list ended after ${done} accounts, and tells of ${total}.${kept} Scan again.`,
    },
  };
};

/** A provider that has been emptied looks like one whose list is broken. */
const endOfNothing = (before: Scan | undefined): JobStep => {
  if (!before || before.progress.done === 0) return { status: "done" };
  return {
    status: "failed",
    error: {
      code: "provider-malformed",
      detail: `The service provider's list shows no account at all, and the scan of ${before.finishedAt} has ${before.progress.done}, which stay. Scan again. If the service provider is empty indeed, a verification tells which of the linked accounts are missing, and a scan finds nobody once that earlier one is over: ${scanEnd(before)}.`,
    },
  };
};

const readPage = ({ ports, integration, job, until }: JobRun, { at, restarts }: ScanPlace) =>
  reading({ ports, integration }, "Reading the accounts failed", async () => {
    const provider = await openReader({ ports, integration, call: callOfJob(job, until) });
    try {
      return await provider.userPage(at);
    } catch (error) {
      if (!isLostCursor(error) || restarts >= mostRestarts) throw error;
      return "restart" as const;
    }
  });

/** A cursor may end before its list does (RFC 9865 §2). */
const isLostCursor = (error: unknown): boolean =>
  error instanceof ProviderFailure && /^(expired|invalid)cursor$/i.test(error.scimType ?? "");

/**
 * Accounts that this scan has kept already, since another page has shown them, or this very one before its worker died. What
 * it kept before the list was begun anew is read again.
 */
const placesBefore = async (
  { ports, job }: JobRun,
  remoteIds: string[],
  { page, restarts }: ScanPlace,
): Promise<Map<string, { place: string; isOfPage: boolean }>> => {
  const items = await ports.integrationJobs.itemsAt(job, remoteIds.flatMap(placesOf));
  return new Map(
    items.map((item) => {
      const { remoteId, page: seen } = accountIn(item);
      const isEarlierRound = Number(seen.split(".")[0]) < restarts;
      return [remoteId, { place: item.place, isOfPage: isEarlierRound || seen === `${restarts}.${page}` }];
    }),
  );
};
