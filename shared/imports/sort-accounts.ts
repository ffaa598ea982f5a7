import { allPages } from "../common/all-pages.ts";
import { decodeCursor, encodeCursor, type Page, type PageOf } from "../common/cursor.ts";
import { Failure } from "../model/failure.ts";
import type { AccountFilter } from "../model/import.ts";
import type { JobItem } from "../model/integration-job.ts";
import { accountsList } from "../provisioning/ports/list-names.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { accountIn, newPrefix } from "./account-items.ts";
import type { Scan } from "./latest-scan.ts";
import { viewOf } from "./shown-account.ts";

/** All are read for it. */
const most = 20_000;
const readAtOnce = 500;
const place = /^[\x21-\x7e]{1,512}$/;

type Wanted = { [K in keyof AccountFilter]: AccountFilter[K] | undefined };
/** What tells whether, and where, an account is listed. */
type Entry = { place: string; isNew: boolean; key: string };

/**
 * A page of the accounts of a scan whose name or address holds `query`, in order; new ones first, unless all are asked for.
 * `total`: how many there are.
 * @throws Failure `invalid-input` where there are too many to be looked through
 */
export const sortAccounts = async (
  { integrationJobs }: Pick<Ports, "integrationJobs">,
  scan: Scan,
  { show, query, sort, sortOrder }: Wanted,
  { limit, cursor }: Page,
): Promise<PageOf<JobItem> & { total: number }> => {
  if (scan.progress.done > most)
    throw new Failure(
      "invalid-input",
      `The scan has ${scan.progress.done} accounts, and query and sort work up to ${most}. List them without either.`,
      { errors: [{ path: "query", message: `query and sort work up to ${most} accounts` }] },
    );
  const entries: Entry[] = [];
  const prefix = show === "new" ? newPrefix : undefined;
  for await (const items of allPages((part) => integrationJobs.items(scan, part, prefix), readAtOnce))
    entries.push(...items.flatMap((item) => entryOf(item, { show, query, sort })));
  const sign = sortOrder === "desc" ? -1 : 1;
  const isNewFirst = show === undefined;
  entries.sort(
    (a, b) =>
      (isNewFirst ? Number(b.isNew) - Number(a.isNew) : 0) ||
      sign * (byText(a.key, b.key) || byText(a.place, b.place)),
  );
  const list = accountsList(scan.jobId, [show, query, sort, sortOrder].join(" "));
  const after = decodeCursor(list, cursor, place);
  const from = after === undefined ? 0 : entries.findIndex((entry) => entry.place === after) + 1;
  const page = entries.slice(from, from + limit);
  const byPlace = new Map(
    (
      await integrationJobs.itemsAt(
        scan,
        page.map((entry) => entry.place),
      )
    ).map((item) => [item.place, item]),
  );
  const last = page.at(-1)?.place;
  return {
    items: page.flatMap((entry) => byPlace.get(entry.place) ?? []),
    total: entries.length,
    ...(from + limit < entries.length && last !== undefined && { nextCursor: encodeCursor(list, last) }),
  };
};

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const folded = (text: string): string => text.normalize("NFC").toLowerCase();

const entryOf = (item: JobItem, { show, query, sort }: Partial<Wanted>): Entry[] => {
  const account = accountIn(item);
  const isNew = account.status === "new";
  if (show === "new" && !isNew) return [];
  const view = viewOf(account);
  const { userName, email, firstname, lastname, displayname } = view;
  const texts = [userName, email, firstname, lastname, displayname, `${firstname} ${lastname}`];
  const isFound =
    query === undefined || texts.some((text) => text !== undefined && folded(text).includes(folded(query)));
  return isFound ? [{ place: item.place, isNew, key: sort ? folded(view[sort] ?? "") : "" }] : [];
};
