import type { GuardCount, GuardStore } from "../provisioning/ports/guard-store.ts";
import { copyOf, type Request } from "./request.ts";

export type GuardItems = Map<string, GuardCount & { rev: number }>;

/** What integrations lost lately, in memory. */
export const memoryGuardStore = (items: GuardItems, request: Request): GuardStore => ({
  read: (id) => request("read guard", () => copyOf(items.get(id) ?? { rev: 0, buckets: [] })),
  save: (id, rev, count) =>
    request("save guard", () => {
      if ((items.get(id)?.rev ?? 0) !== rev) return false;
      items.set(id, copyOf({ ...count, rev: rev + 1 }));
      return true;
    }),
});
