import type { SavedGroup } from "../../model/directory.ts";
import type { Trace } from "../../model/directory-change.ts";
import type { Membership } from "../../provisioning/ports/directory-store.ts";

/** A change under way. `digest` tells what it is, so that the same change may go on where its holder ended. */
export type Changing = { id: string; leaseUntil: number; digest?: string; begunAt?: number } & Trace;

/** A group's own item. While `version` is 0 the group is being made, and no reader sees it. */
export type GroupItem = SavedGroup & {
  /** The highest version that a change was ever given; each is given once. */
  highest: number;
  /** Versions of changes that were begun and given up: what they wrote does not count. */
  voided?: number[];
  /** The change under way, which was given version `highest`. */
  changing?: Changing;
  lastChange?: string;
};

/**
 * One member. `present` and `since` were written by the change of that `version`; the `previous…` fields tell how it
 * was before. They count until that change has taken effect, and for good if it never does.
 */
export type MemberItem = {
  userId: string;
  version: number;
  present: boolean;
  since: string;
  previousPresent: boolean;
  previousSince?: string;
};

/** How a member item counts at a version of the group. `since` is absent where the user never was a member. */
export const membershipAt = (
  item: MemberItem | undefined,
  version: number,
  voided: readonly number[] = [],
): Membership => {
  if (!item) return { member: false };
  if (item.version <= version && !voided.includes(item.version)) {
    return { member: item.present, since: item.since };
  }
  const since = item.previousSince;
  return { member: item.previousPresent, ...(since === undefined ? {} : { since }) };
};
