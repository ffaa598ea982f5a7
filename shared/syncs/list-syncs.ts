import type { Page, PageOf } from "../common/cursor.ts";
import { decodeCursor, encodeCursor } from "../common/cursor.ts";
import { fillPage } from "../common/fill-page.ts";
import { present } from "../common/objects.ts";
import type { SyncItem, SyncView } from "../model/sync.ts";
import { requireIntegration } from "../provisioning/attempts/require-integration.ts";
import type { JobKey } from "../provisioning/ports/integration-job-store.ts";
import { jobItemsList } from "../provisioning/ports/list-names.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { itemIn, rowsPrefix } from "./sync-items.ts";
import { requireSync, toSyncView } from "./sync-view.ts";

/** Syncs of an integration, the latest first. @throws Failure `not-found`, `invalid-cursor` */
export const listSyncs = async (
  ports: Ports,
  integrationId: string,
  page: Page,
): Promise<PageOf<SyncView>> => {
  await requireIntegration(ports, integrationId);
  const { items, nextCursor } = await ports.integrationJobs.list(integrationId, "sync", page);
  return { items: items.map(toSyncView), ...present({ nextCursor }) };
};

/** @throws Failure `not-found` */
export const getSync = async (ports: Ports, key: JobKey): Promise<SyncView> =>
  toSyncView(await requireSync(ports, key));

/** The store looks at it more closely. */
const anyPlace = /^R#/;

type Filter = Partial<Pick<SyncItem, "action" | "state" | "finding">>;

/** What a sync is about, in the order in which it is carried out. @throws Failure `not-found`, `invalid-cursor` */
export const listSyncItems = async (
  ports: Ports,
  key: JobKey,
  { action, state, finding, ...page }: Filter & Page,
): Promise<PageOf<SyncItem>> => {
  const job = await requireSync(ports, key);
  const wanted = Object.entries(present({ action, state, finding }));
  const matches = (item: SyncItem) => wanted.every(([field, value]) => item[field as keyof Filter] === value);
  // A cursor is of one list alone, and of its filters.
  const list = [jobItemsList(job.jobId), ...wanted.map(([field, value]) => `${field} ${value}`)].join(", ");
  return fillPage(page, {
    read: async ({ limit, cursor }) => {
      const place = decodeCursor(list, cursor, anyPlace);
      const at = place === undefined ? {} : { cursor: encodeCursor(jobItemsList(job.jobId), place) };
      const { items, nextCursor } = await ports.integrationJobs.items(job, { limit, ...at }, rowsPrefix);
      const last = items.at(-1);
      return {
        items,
        ...(nextCursor !== undefined && last && { nextCursor: encodeCursor(list, last.place) }),
      };
    },
    show: async (rows) =>
      rows.map((row) => {
        const item = itemIn(row);
        return item && matches(item) ? item : undefined;
      }),
    cursorAt: ({ place }) => encodeCursor(list, place),
    isFiltered: wanted.length > 0,
    now: () => ports.clock.now(),
  });
};
