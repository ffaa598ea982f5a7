import type { AttemptIndex, OpenAttemptRef } from "../provisioning/ports/link-store.ts";
import { copyOf, type Request } from "./request.ts";

/** What the index was told and when: an attempt's holder and the end of its lease, or that there is none any more. */
type AttemptEntry = {
  time: number;
  attemptId: string;
  ref: OpenAttemptRef;
  leaseUntil: number | undefined;
};
export type AttemptEntries = AttemptEntry[];

/** Orphans in memory. `lagMs` is how far the index is behind, asked at each read. */
export const memoryAttemptIndex = (
  entries: AttemptEntries,
  request: Request,
  now: () => number,
  lagMs: () => number = () => 0,
): AttemptIndex => ({
  orphans: (before) =>
    request("read orphans", () => {
      const until = now() - lagMs();
      const seen = new Map<string, AttemptEntry>();
      for (const entry of entries)
        if (entry.time <= until) seen.set(`${entry.ref.kind} ${JSON.stringify(entry.ref.key)}`, entry);
      return [...seen.values()]
        .filter(({ leaseUntil }) => leaseUntil !== undefined && leaseUntil < before)
        .toSorted((a, b) => (a.leaseUntil ?? 0) - (b.leaseUntil ?? 0))
        .map(({ ref }) => copyOf(ref));
    }),
});
