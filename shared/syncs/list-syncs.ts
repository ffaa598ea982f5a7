import type { Page, PageOf } from "../common/cursor.ts";
import { encodeCursor } from "../common/cursor.ts";
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
  return fillPage(page, {
    read: (part) => ports.integrationJobs.items(job, part, rowsPrefix),
    show: async (rows) =>
      rows.map((row) => {
        const item = itemIn(row);
        return item && matches(item) ? item : undefined;
      }),
    cursorAt: ({ place }) => encodeCursor(jobItemsList(job.jobId), place),
    isFiltered: wanted.length > 0,
    now: () => ports.clock.now(),
  });
};
