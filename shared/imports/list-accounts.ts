import { decodeCursor, encodeCursor, type Page, type PageOf } from "../common/cursor.ts";
import { fillPage } from "../common/fill-page.ts";
import type { AccountFilter, RemoteAccount } from "../model/import.ts";
import type { JobItem } from "../model/integration-job.ts";
import { requireActive } from "../provisioning/attempts/require-integration.ts";
import { accountsList, jobItemsList } from "../provisioning/ports/list-names.ts";
import type { IntegrationContext, Ports } from "../provisioning/ports/ports.ts";
import { accountIn, newPrefix, otherPrefix, type ScannedAccount } from "./account-items.ts";
import { latestScan, type Scan } from "./latest-scan.ts";
import { matchAccounts } from "./match-accounts.ts";
import { toRemoteAccount } from "./shown-account.ts";
import { sortAccounts } from "./sort-accounts.ts";

export type AccountPage = PageOf<RemoteAccount> & { total: number; scannedAt: string };

/** The list in parts: what is new still, what was when it was scanned, and what was not. */
const parts = [
  { prefix: newPrefix, isOf: isStillNew },
  { prefix: newPrefix, isOf: (account: ScannedAccount) => !isStillNew(account) },
  { prefix: otherPrefix, isOf: () => true },
];

function isStillNew({ status }: ScannedAccount): boolean {
  return status === "new";
}

/**
 * The provider's accounts as of the last scan, each with whose it is by now; without `sort` new ones first.
 * @throws Failure `not-found`, also where there is no scan; `invalid-cursor`, `invalid-input`
 */
export const listAccounts = async (
  ports: Ports,
  integrationId: string,
  { show, query, sort, sortOrder = "asc", ...page }: AccountFilter & Page,
): Promise<AccountPage> => {
  const integration = await requireActive(ports, integrationId);
  const scan = await latestScan(ports, integration);
  const scannedAt = scan.finishedAt;
  const context = { ports, integration };
  if (query !== undefined || sort !== undefined) {
    const wanted = { show, query, sort, sortOrder };
    const { items, total, nextCursor } = await sortAccounts(ports, scan, wanted, page);
    const shown = await showAccounts(context, scan, items, show);
    const known = shown.filter((account) => account !== undefined);
    return { items: known, total, scannedAt, ...(nextCursor !== undefined && { nextCursor }) };
  }
  const read = await fillPage(page, {
    read: (part) => readPart(ports, scan, show, part),
    show: (rows) =>
      showAccounts(
        context,
        scan,
        rows.map(({ item }) => item),
        show,
      ),
    cursorAt: ({ part, item }) => cursorOf(scan, show, part, item.place),
    isFiltered: show === "new",
    now: () => ports.clock.now(),
  });
  return { ...read, total: await totalOf(ports, scan, show), scannedAt };
};

type Row = { part: number; item: JobItem };

const places = /^[0-2] [\x21-\x7e]{0,512}$/;
const listOf = ({ jobId }: Scan, show: string | undefined): string => accountsList(jobId, show);
const cursorOf = (scan: Scan, show: string | undefined, part: number, place: string): string =>
  encodeCursor(listOf(scan, show), `${part} ${place}`);

/** The next rows of the part that the cursor is in; behind its last the next part begins. */
const readPart = async (
  { integrationJobs }: Ports,
  scan: Scan,
  show: AccountFilter["show"],
  { limit, cursor }: Page,
): Promise<PageOf<Row>> => {
  const [at = "0", after = ""] = decodeCursor(listOf(scan, show), cursor, places)?.split(" ") ?? [];
  const part = Number(at);
  const { prefix, isOf } = parts[part] ?? { prefix: otherPrefix, isOf: () => true };
  const from = after === "" ? {} : { cursor: encodeCursor(jobItemsList(scan.jobId), after) };
  const { items, nextCursor } = await integrationJobs.items(scan, { limit, ...from }, prefix);
  const rows = items.flatMap((item) => (isOf(accountIn(item)) ? [{ part, item }] : []));
  const last = items.at(-1)?.place;
  if (nextCursor !== undefined && last !== undefined)
    return { items: rows, nextCursor: cursorOf(scan, show, part, last) };
  const isLast = show === "new" || part === parts.length - 1;
  return { items: rows, ...(!isLast && { nextCursor: cursorOf(scan, show, part + 1, "") }) };
};

/** Whose they are by now. */
const showAccounts = async (
  context: IntegrationContext,
  scan: Scan,
  items: JobItem[],
  show: AccountFilter["show"],
): Promise<(RemoteAccount | undefined)[]> => {
  const accounts = items.map(accountIn);
  const matches = await matchAccounts(context, accounts, scan);
  return accounts.map((account) => {
    const match = matches.get(account.remoteId);
    return match && (show !== "new" || match.status === "new") ? toRemoteAccount(account, match) : undefined;
  });
};

/** As of the scan, without those that were imported since. */
const totalOf = async (
  { integrationJobs }: Ports,
  scan: Scan,
  show: AccountFilter["show"],
): Promise<number> => {
  if (show !== "new") return scan.progress.done;
  const { items: imports } = await integrationJobs.list(scan.integrationId, "import", { limit: 100 });
  const taken = imports
    .filter(({ input }) => input.scanId === scan.jobId)
    .reduce((sum, { place }) => sum + Number(place?.taken ?? 0), 0);
  return Math.max(0, (scan.counts.new ?? 0) - taken);
};
