import type { JobRun } from "../jobs/run-job.ts";
import type { NotShown, SyncInput } from "../model/sync.ts";
import type { Call } from "../provisioning/ports/ports.ts";
import type { ListPlace } from "../provisioning/ports/service-provider.ts";
import type { Reading } from "../verification/look-at-group.ts";
import type { Looked } from "../verification/look-at-user.ts";
import type { ObjectKey } from "./sync-items.ts";

/**
 * Where a verification goes on. `list`: the provider's, page by page; `collect`: ours that it did not show; `sample`: some of
 * these, where they are many; `read`: each of them by its id. So users, then groups; then the
 * guard is asked for what the repair takes away (`guard`), and what was found is repaired.
 */
export type VerifyPlace = {
  phase: "list" | "collect" | "sample" | "read" | "guard" | "repair" | "end";
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
  /** Of how many accounts, and groups, the provider does not show what is to be compared. */
  notShown?: Partial<Record<NotShown[number], number>>;
  /** Whether it shows who is in a group, as far as that is known. */
  showsMembers?: boolean;
};
export type VerifyRun = JobRun & { call: Call; place: VerifyPlace } & Reading;

/** What stays known when a phase begins. */
export const keptBetween = ({
  kind,
  unlisted = 0,
  isDoubted,
  ...place
}: VerifyPlace): Omit<VerifyPlace, "phase"> => ({
  kind,
  unlisted,
  ...(isDoubted && { isDoubted }),
  ...toldBetween(place),
});

const toldBetween = ({ notShown, showsMembers }: Pick<VerifyPlace, "notShown" | "showsMembers">) => ({
  ...(notShown && { notShown }),
  ...(showsMembers !== undefined && { showsMembers }),
});

/** The place once these were looked at. */
export const afterLooks = ({ place, areShown }: VerifyRun, looks: Looked[]): VerifyPlace => {
  const notShown = { ...place.notShown };
  for (const what of looks.flatMap((look) => look.notShown ?? [])) notShown[what] = (notShown[what] ?? 0) + 1;
  const showsMembers = areShown.known();
  return { ...place, notShown, ...(showsMembers !== undefined && { showsMembers }) };
};

/** What follows once all of a kind is compared. */
export const afterKind = ({ integration, job, place }: VerifyRun): VerifyPlace => {
  const told = { kind: "group" as const, unlisted: place.unlisted ?? 0, ...toldBetween(place) };
  if (place.kind === "user" && integration.groupsEnabled) return { ...told, phase: "list" };
  return { ...told, phase: (job.input as SyncInput).repair ? "guard" : "end" };
};
