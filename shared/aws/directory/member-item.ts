import type { SavedGroup } from "../../model/directory.ts";
import { type Trace, traceOf } from "../../model/directory-change.ts";
import type { Membership } from "../../provisioning/ports/directory-store.ts";
import { type Plan, savingOf } from "./group-plan.ts";

/**
 * A change under way. `digest` tells what it is, so that the same change may go on where its holder ended; with a `plan`
 * it goes on by itself.
 */
export type Changing = {
  id: string;
  leaseUntil: number;
  digest?: string;
  begunAt?: number;
  plan?: Plan;
} & Trace;

/** A group's own item. While `version` is 0 the group is being made, and no reader sees it. */
export type GroupItem = SavedGroup & {
  /** The highest version that a change was ever given; each is given once. */
  highest: number;
  /** Versions of changes that were begun and given up: what they wrote does not count. */
  voided?: number[];
  /** When the group ended last: members of that version or an earlier one are members no longer. */
  ended?: { version: number; at: string };
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
  { voided = [], ended }: GroupHistory = {},
): Membership => {
  if (!item) return { member: false };
  const isCounted = item.version <= version && !voided.includes(item.version);
  const member = isCounted ? item.present : item.previousPresent;
  const since = isCounted ? item.since : item.previousSince;
  // What a later change keeps of before was computed after the end.
  const isEnded = ended && ended.version <= version && item.version <= ended.version;
  if (isEnded && member) return { member: false, since: ended.at };
  return { member, ...(since === undefined ? {} : { since }) };
};

/** What of the group tells how its members' items count. */
export type GroupHistory = Pick<GroupItem, "voided" | "ended">;

/** Stands for all members in the mark of a group's end; no user has such an id. */
export const everybody = "*";

/** Undefined while the group is being made. */
export const toSavedGroup = ({
  groupId,
  name,
  version,
  updatedAt,
  memberCount,
  deleted,
  source,
  changing,
  ...trace
}: GroupItem): SavedGroup | undefined =>
  version > 0
    ? {
        ...{ groupId, name, version, updatedAt },
        ...(memberCount !== undefined && { memberCount }),
        ...(deleted && { deleted }),
        ...(source && { source }),
        ...(changing?.plan && { saving: savingOf(changing.plan, changing.asked) }),
        ...traceOf(trace),
      }
    : undefined;
