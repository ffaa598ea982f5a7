import { decodeCursor, encodeCursor, type Page, type PageOf } from "../common/cursor.ts";
import type { ImportJobView } from "../model/import.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import { requireIntegration } from "../provisioning/attempts/require-integration.ts";
import { jobsList } from "../provisioning/ports/list-names.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { toImportJobView } from "./import-jobs.ts";

const kinds = ["scan", "import"] as const;

/** Where each kind goes on: its cursor, "" at its beginning, or "end". */
type Cursors = Record<(typeof kinds)[number], string>;

const places = /^[A-Za-z0-9_-]*~[A-Za-z0-9_-]*$/;

/** Scans and imports of an integration, the latest first. @throws Failure `not-found`, `invalid-cursor` */
export const listImportJobs = async (
  ports: Ports,
  integrationId: string,
  { limit, cursor }: Page,
): Promise<PageOf<ImportJobView>> => {
  await requireIntegration(ports, integrationId);
  const list = jobsList(integrationId, kinds.join(" and "));
  const [scan = "", imported = ""] = decodeCursor(list, cursor, places)?.split("~") ?? [];
  const from: Cursors = { scan, import: imported };
  const read = (kind: (typeof kinds)[number], most: number) =>
    ports.integrationJobs.list(integrationId, kind, {
      limit: most,
      ...(from[kind] !== "" && { cursor: from[kind] }),
    });
  const pages = await Promise.all(
    kinds.map(
      async (kind): Promise<PageOf<IntegrationJob>> =>
        from[kind] === "end" ? { items: [] } : read(kind, limit),
    ),
  );
  const all = pages.flatMap(({ items }) => items).sort(byAge);
  const shown = all.slice(0, limit);
  const next = await Promise.all(
    kinds.map(async (kind, at): Promise<string> => {
      const { items, nextCursor } = pages[at] ?? { items: [] };
      const taken = items.filter((job) => shown.includes(job)).length;
      if (taken === items.length) return items.length === 0 ? "end" : (nextCursor ?? "end");
      return taken === 0 ? from[kind] : ((await read(kind, taken)).nextCursor ?? "end");
    }),
  );
  const isMore = next.some((one) => one !== "end");
  return {
    items: shown.map(toImportJobView),
    ...(isMore && { nextCursor: encodeCursor(list, next.join("~")) }),
  };
};

/** Ids tell when a job was asked for. */
const byAge = (one: IntegrationJob, other: IntegrationJob): number => (one.jobId < other.jobId ? 1 : -1);
