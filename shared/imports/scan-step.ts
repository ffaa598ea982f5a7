import type { JobRun, JobStep } from "../jobs/run-job.ts";
import { callOfJob } from "../jobs/start-job.ts";
import { Failure } from "../model/failure.ts";
import type { JobItem } from "../model/integration-job.ts";
import type { JsonObject } from "../model/json.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ListPlace } from "../provisioning/ports/service-provider.ts";
import { openReader, reading } from "../verification/open-reader.ts";
import { accountIn, placesOf, scanDays, toAccount, toAccountItem } from "./account-items.ts";
import { matchAccounts } from "./match-accounts.ts";

type ScanPlace = { at?: ListPlace; page: number; restarts: number };

/** A list that goes on for longer has no end. */
const mostPages = 20_000;
const mostRestarts = 2;

/** Reads the next page of the provider's accounts, and keeps each with whose it is. */
export const scanStep = async (run: JobRun): Promise<JobStep> => {
  const { ports, integration, job } = run;
  const place = (job.place ?? { page: 0, restarts: 0 }) as ScanPlace;
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
  const matches = await matchAccounts({ ports, integration }, own);
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
  const total = Math.max(done, page.total ?? 0);
  // Some show their last page for ever.
  const isNew = accounts.size === 0 || items.length > 0;
  if (page.next && isNew)
    return {
      counts,
      progress: { done, total },
      place: { ...place, at: page.next, page: place.page + 1 } as JsonObject,
    };
  return {
    status: "done",
    counts: { ...counts, ...(total > done && { unlisted: total - done }) },
    progress: { done, total: done },
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
