import { allPages } from "../common/all-pages.ts";
import type { IntegrationJob } from "../model/integration-job.ts";
import type { SyncItem } from "../model/sync.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { isLoss, itemIn, rowsPrefix } from "./sync-items.ts";

export type Losers = Map<string, "account" | "group">;

/**
 * All rows of a plan. `counts`: of items, by action and by what has come of them, as `?action=` and `?state=` list them.
 * `losers`: people who lose something by it.
 */
export const tallyRows = async (
  ports: Pick<Ports, "integrationJobs">,
  job: IntegrationJob,
): Promise<{ counts: Record<string, number>; losers: Losers }> => {
  let counts: Record<string, number> = {};
  const losers: Losers = new Map();
  for await (const page of allPages((part) => ports.integrationJobs.items(job, part, rowsPrefix), 500)) {
    const items = page.flatMap((one) => itemIn(one) ?? []);
    counts = counted(counts, items);
    for (const { userId, ...item } of items)
      if (userId !== undefined && isLoss(item) && losers.get(userId) !== "account")
        losers.set(userId, item.kind === "user" ? "account" : "group");
  }
  return { counts, losers };
};

/** These counts, with the items. What is only planned is counted by its action alone. */
export const counted = (counts: Record<string, number>, items: SyncItem[]): Record<string, number> => {
  const next = { ...counts };
  for (const { action, state } of items)
    for (const name of [action, state])
      if (name !== undefined && name !== "planned") next[name] = (next[name] ?? 0) + 1;
  return next;
};
