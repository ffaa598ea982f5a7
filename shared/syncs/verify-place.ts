import type { JobRun } from "../jobs/run-job.ts";
import type { SyncInput } from "../model/sync.ts";
import type { Call } from "../provisioning/ports/ports.ts";
import type { ListPlace, ServiceProvider } from "../provisioning/ports/service-provider.ts";
import type { ObjectKey } from "./sync-items.ts";

/**
 * Where a verification goes on. `list`: the provider's, page by page; `collect`: ours that it did not show; `sample`: some of
 * these, where they are many; `read`: each of them by its id. So users, then groups; then what was found is repaired.
 */
export type VerifyPlace = {
  phase: "list" | "collect" | "sample" | "read" | "repair" | "end";
  kind: ObjectKey["kind"];
  /** In the provider's list, and what its page before has shown. */
  at?: ListPlace;
  last?: string;
  page?: number;
  /** The list is read once more, since it has shown little of what is there. */
  isDoubted?: true;
  /** How often the list was begun anew, since its cursor was lost. */
  restarts?: number;
  /** In a list of ours. */
  cursor?: string;
  /** How many of ours are to be there, and how many of them no list has shown. */
  ours?: number;
  unseen?: number;
  /** How many were there all the same, by both kinds. */
  unlisted?: number;
};
export type VerifyRun = JobRun & { call: Call; provider: ServiceProvider; place: VerifyPlace };

/** What stays known when a phase begins. */
export const keptBetween = ({ kind, unlisted = 0, isDoubted }: VerifyPlace) => ({
  kind,
  unlisted,
  ...(isDoubted && { isDoubted }),
});

/** What follows once all of a kind is compared. */
export const afterKind = ({ integration, job, place }: VerifyRun): VerifyPlace => {
  const told = { kind: "group" as const, unlisted: place.unlisted ?? 0 };
  if (place.kind === "user" && integration.groupsEnabled) return { ...told, phase: "list" };
  return { ...told, phase: (job.input as SyncInput).repair ? "repair" : "end" };
};
