import { allPages } from "../common/all-pages.ts";
import type { JobRun, JobStep } from "../jobs/run-job.ts";
import type { JobItem } from "../model/integration-job.ts";
import type { SyncItem } from "../model/sync.ts";
import { changeStanding } from "../provisioning/attempts/standing.ts";
import { itemIn, rowsPrefix } from "./sync-items.ts";
import type { VerifyPlace } from "./verify-place.ts";

/** What was found is counted, by findings and by what came of them. */
export const endStep = async (
  run: JobRun,
  { unlisted = 0, notShown = {} }: VerifyPlace,
): Promise<JobStep> => {
  const { ports, integration, job } = run;
  const counts: Record<string, number> = {};
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for await (const rows of allPages((part) => ports.integrationJobs.items(job, part, rowsPrefix), 500)) {
    const taken = await takenSince(run, rows);
    if (taken.length > 0) await ports.integrationJobs.putItems(job, taken);
    const isTaken = new Set(taken.map(({ place }) => place));
    for (const item of rows.flatMap((row) => (isTaken.has(row.place) ? [] : (itemIn(row) ?? [])))) {
      count(item.finding ?? "unknown");
      if (item.state !== "found") count(item.state);
    }
  }
  const verifiedAt = ports.clock.now();
  await changeStanding(ports, integration.integrationId, (now) => ({ ...now, verifiedAt }));
  const { total } = job.progress;
  return {
    status: "done",
    counts: { ...counts, ...(unlisted > 0 && { unlisted }), ...notShownIn(notShown) },
    progress: total === undefined ? job.progress : { done: total, total },
    ...(unlisted > 0 && { error: incomplete(unlisted) }),
  };
};

const notShownIn = ({ active, members }: NonNullable<VerifyPlace["notShown"]>) => ({
  ...(active && { activeNotShown: active }),
  ...(members && { membersNotShown: members }),
});

const incomplete = (unlisted: number) => ({
  code: "provider-malformed",
  detail: `The service provider's lists left out ${unlisted} objects that are there. These were read one by one; what is unknown may not be told of all.`,
});

/** What was nobody's when its page was read, and has been made by this service since. Such rows stay empty. */
const takenSince = async ({ ports, integration }: JobRun, rows: JobItem[]): Promise<JobItem[]> => {
  const { integrationId, baseUrl } = integration;
  const unknown = rows.flatMap((row) => {
    const item = itemIn(row);
    return item?.finding === "unknown" && item.remoteId !== undefined
      ? [{ row, item, id: item.remoteId }]
      : [];
  });
  const ownersOf = async (kind: "user" | "group", isOf: (item: SyncItem) => boolean) => {
    const some = unknown.filter(({ item }) => isOf(item));
    const ids = some.map(({ id }) => id);
    const owners =
      ids.length === 0 ? undefined : await ports.claims.ownersOf({ integrationId, kind, baseUrl }, ids);
    return some.filter(({ id }) => owners?.has(id));
  };
  const taken = [
    ...(await ownersOf("user", ({ kind }) => kind === "user" || kind === "member")),
    ...(await ownersOf("group", ({ kind }) => kind === "group")),
  ];
  return taken.map(({ row }) => ({ place: row.place, data: {} }));
};
